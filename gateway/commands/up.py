"""``aican up``: everything on one machine, under Supervisor, until Ctrl-C."""

from __future__ import annotations

import asyncio
import http.client
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import FrameType

import click

from chat.errors import OperatorError
from config.local.stores import MONGODB, REDIS, LocalStore
from config.settings import Settings, load
from gateway.commands import checks, place_checks, procfile
from gateway.commands.single import Owner, only_one
from gateway.commands.supervision import SERVERS, STORES, Places, Service, Supervision, last_lines, supervised
from gateway.commands.terminal import Terminal, terminal

# A store that replays its journal after a crash is the slowest thing here.
_READY_S = 90.0
_LOOK_EVERY_S = 0.05
_WATCH_EVERY_S = 0.5
_TAIL_LINES = 12


@click.command("up", help="Run everything on this machine: the servers, and stores where none are set.")
@click.option(
    "--procfile",
    "procfile_path",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The processes to run; the checkout's Procfile unless given.",
)
def command(procfile_path: Path | None) -> None:
    """Start, say where to look, watch, and stop in order on Ctrl-C or SIGTERM."""
    with interruptible() as interruption:
        settings = load()
        try:
            run(settings, procfile.find(procfile_path), terminal(), interruption)
        except KeyboardInterrupt:
            sys.exit(128 + signal.SIGINT)  # nothing had started yet


class Interruption:
    """Ctrl-C, SIGTERM, or a closed terminal: the first one interrupts, later ones find the stopping under way."""

    def __init__(self) -> None:
        self.came = False

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """The signal handler."""
        if not self.came:
            self.came = True
            raise KeyboardInterrupt


@contextmanager
def interruptible() -> Iterator[Interruption]:
    """Turn the signals that ask for an end into one KeyboardInterrupt."""
    interruption = Interruption()
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, interruption) for number in numbers}
    try:
        yield interruption
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def run(settings: Settings, processes: Path, out: Terminal, interruption: Interruption) -> None:
    """Run ``processes`` (a Procfile) and the stores that no URL is set for. Returns when a signal asked for the end.

    Raises :class:`OperatorError` for what cannot start or crashes again and again; everything is stopped by then.
    """
    with only_one(settings.data_dir, out.say) as owner:
        stores = _local_stores(settings)
        _check(settings, stores, out)
        places = Places.of(settings.data_dir)
        services = [*(_store_service(store, settings) for store in stores), *_server_services(processes)]
        with (
            supervised(places, services, _environment(settings)) as supervision,
            _stopping_in_peace(owner, interruption, out),
        ):
            _start(settings, supervision, stores, services, out)
            _watch(supervision, places, out)
        out.say(f"Stopped. The data is in {settings.data_dir}")


@contextmanager
def _stopping_in_peace(owner: Owner, interruption: Interruption, out: Terminal) -> Iterator[None]:
    """Take the interruption; from then on nothing cuts the stopping short, and a successor waits for its end."""
    try:
        yield
    except KeyboardInterrupt:
        out.say("Stopping")
    finally:
        interruption.came = True
        owner.stopping()


def _local_stores(settings: Settings) -> list[LocalStore]:
    return [store for store, url in ((REDIS, settings.redis_url), (MONGODB, settings.mongodb_url)) if url is None]


def _check(settings: Settings, stores: list[LocalStore], out: Terminal) -> None:
    checks.python()
    checks.data_dir(settings.data_dir)
    checks.disk(settings.data_dir)
    checks.port(settings.web_host, settings.web_port, "AICAN_WEB_PORT")
    checks.port(settings.gateway_host, settings.gateway_port, "AICAN_GATEWAY_PORT")
    place_checks.check_key_ring(settings)
    for store in stores:
        store.prepare(settings.data_dir, out.say)


def _store_service(store: LocalStore, settings: Settings) -> Service:
    return Service(store.name, STORES, tuple(store.command(settings.data_dir)))


def _server_services(path: Path) -> list[Service]:
    programs = procfile.read(path)
    for needed in ("web", "gateway"):
        if needed not in [program.name for program in programs]:
            raise OperatorError(f"{path} names no process {needed!r}.", f"Add the line `{needed}: aican {needed}`.")
    services = []
    for program in programs:
        found = shutil.which(program.command[0], path=_path())
        if not found:
            raise OperatorError(
                f"{path}: there is no program {program.command[0]!r}.", "Install it, or correct the line."
            )
        services.append(Service(program.name, SERVERS, (found, *program.command[1:])))
    return services


def _path() -> str:
    """Programs beside this Python come first: ``aican`` must be the one of this environment."""
    return os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])


def _environment(settings: Settings) -> dict[str, str]:
    """What children get: this environment, and the settings as they are now rather than what .env says later."""
    return {**os.environ, **settings.environment(), "PATH": _path(), "PYTHONUNBUFFERED": "1"}


def _start(
    settings: Settings, supervision: Supervision, stores: list[LocalStore], services: list[Service], out: Terminal
) -> None:
    places = Places.of(settings.data_dir)
    began = time.monotonic()
    _start_group(supervision, services, STORES, out)
    from gateway.bootstrap import first_run  # imported here: its drivers load while the stores start
    from gateway.commands.running import warnings_beside_output

    warnings_beside_output()
    for store in stores:
        _wait(supervision, places, store.name, partial(store.answers, settings.data_dir))
    first = asyncio.run(first_run(settings))
    _start_group(supervision, services, SERVERS, out)
    for name, host, port in (
        ("web", settings.web_host, settings.web_port),
        ("gateway", settings.gateway_host, settings.gateway_port),
    ):
        _wait(supervision, places, name, partial(ready, host, port))
    _welcome(settings, first.owner_link, time.monotonic() - began, out)


def _start_group(supervision: Supervision, services: list[Service], group: str, out: Terminal) -> None:
    chosen = [service for service in services if service.group == group]
    if chosen:
        out.say(f"Starting {', '.join(service.name for service in chosen)}")
    for service in chosen:
        supervision.start(service)


def _wait(supervision: Supervision, places: Places, name: str, answers: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _READY_S
    while not answers():
        _fail_on_crash(supervision, places)
        if time.monotonic() > deadline:
            raise _failure(f"{name} is not ready after {_READY_S:.0f} s", name, places)
        supervision.pause(_LOOK_EVERY_S)


def ready(host: str, port: int) -> bool:
    """Whether the server there answers 200 on ``/readyz``. One that listens everywhere is asked on loopback."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  compared, not bound
    connection = http.client.HTTPConnection(reachable, port, timeout=2)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, UnicodeError, http.client.HTTPException):  # UnicodeError: a host that is no name
        return False
    finally:
        connection.close()


def _watch(supervision: Supervision, places: Places, out: Terminal) -> None:
    """Tell of every restart, until a signal interrupts."""
    pids: dict[str, int] = {}
    while True:
        for state in supervision.states():
            before = pids.get(state.name)
            if state.pid and before and state.pid != before:
                out.say(f"{state.name} ended and was started again; its log is {places.log_of(state.name)}")
            if state.pid:
                pids[state.name] = state.pid
        _fail_on_crash(supervision, places)
        supervision.pause(_WATCH_EVERY_S)


def _fail_on_crash(supervision: Supervision, places: Places) -> None:
    for state in supervision.states():
        if state.given_up:
            raise _failure(f"{state.name} ends again and again", state.name, places)


def _failure(problem: str, name: str, places: Places) -> OperatorError:
    log = places.log_of(name)
    print(f"\nThe end of {log}:\n{last_lines(log, _TAIL_LINES)}\n", file=sys.stderr)
    return OperatorError(f"{problem}.", f"Mend what its log says: {log}.")


def _welcome(settings: Settings, owner_link: str | None, seconds: float, out: Terminal) -> None:
    def row(label: str, value: str, note: str = "") -> None:
        out.say(f"  {out.paint(f'{label:<10}', 'dim')} {value}{'  ' + out.paint(note, 'dim') if note else ''}")

    out.say()
    out.say(f"  {out.paint('Aican is running', 'bold', 'green')}  {out.paint(f'ready in {seconds:.1f} s', 'dim')}")
    out.say()
    row("Demo page", f"{settings.public_url}/demo")
    row("Console", f"{settings.public_url}/console")
    if owner_link:
        row("", owner_link, "one-time link: set the owner's password")
    row("Data", str(settings.data_dir), f"logs in {settings.data_dir / 'log'}")
    row("Stop", "Ctrl-C")
    out.say()
