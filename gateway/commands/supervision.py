"""Supervisor (the PyPI package), as ``aican up`` uses it: its configuration file, its start, its state, its stop.

It restarts what crashes and rotates logs. All it starts is tethered (``config.local.tether``), so nothing outlives it.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any
from xmlrpc.client import Fault, ServerProxy

from supervisor.xmlrpc import SupervisorTransport

from chat.errors import OperatorError
from config.local.directories import private_directory, socket_directory
from config.local.tether import tethered

STORES, SERVERS = "stores", "servers"
# A gateway drains for at most 30 s, Redis and MongoDB flush in a few: then it is killed.
_STOP_WAIT_S = 35
# Both groups in turn, and a little for Supervisor itself.
_STOP_ALL_S = 2 * _STOP_WAIT_S + 10
_START_S = 20.0
# A process that lives this long has started; one that dies sooner is tried again after 1, 2, 3 s, then given up.
_STARTED_S = 3
_START_TRIES = 3
_LOOK_EVERY_S = 0.02
_ENDED_S = 1.0


@dataclass(frozen=True)
class Service:
    """A program to keep running. ``group`` is ``STORES`` or ``SERVERS``: servers stop before stores."""

    name: str
    group: str
    command: tuple[str, ...]


@dataclass(frozen=True)
class State:
    """What Supervisor knows of one service. ``pid`` is 0 while it does not run."""

    name: str
    pid: int
    given_up: bool


@dataclass(frozen=True)
class Places:
    """Where Supervisor keeps things for one data directory."""

    run: Path
    log: Path
    socket: Path

    @classmethod
    def of(cls, data_dir: Path) -> Places:
        """The places, made if missing. Raises :class:`OperatorError`."""
        sockets = private_directory(socket_directory(data_dir))
        return cls(private_directory(data_dir / "run"), private_directory(data_dir / "log"), sockets / "up.sock")

    @property
    def complaints(self) -> Path:
        """What Supervisor says before it has a log, such as that its configuration is wrong."""
        return self.log / "supervisord.err"

    def log_of(self, name: str) -> Path:
        """The log of a service."""
        return self.log / f"{name}.log"


def configuration(places: Places, services: Iterable[Service]) -> str:
    """The text of Supervisor's configuration file. Nothing starts by itself: ``aican up`` says when."""
    pidfile = places.run / "supervisord.pid"
    sections: list[tuple[str, Mapping[str, object]]] = [
        ("unix_http_server", {"file": places.socket, "chmod": "0600"}),
        (
            "supervisord",
            {
                "logfile": places.log / "supervisord.log",
                "logfile_maxbytes": "5MB",
                "logfile_backups": 2,
                "pidfile": pidfile,
                "childlogdir": places.log,
                "nodaemon": "true",
                "silent": "true",
                "umask": "077",
                # Said out loud, else Supervisor complains about root in its log at every start.
                **({"user": "root"} if os.geteuid() == 0 else {}),
            },
        ),
        (
            "rpcinterface:supervisor",
            {"supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"},
        ),
    ]
    services = list(services)
    sections += [(f"program:{each.name}", _program(each, places, pidfile)) for each in services]
    # Supervisor stops groups one after the other, highest priority first: servers before the stores they write to.
    for group, priority in ((STORES, 1), (SERVERS, 2)):
        names = [each.name for each in services if each.group == group]
        if names:
            sections.append((f"group:{group}", {"programs": ",".join(names), "priority": priority}))
    return "\n".join(_section(name, values) for name, values in sections)


def _program(service: Service, places: Places, pidfile: Path) -> dict[str, object]:
    command = tethered(list(service.command), parent=pidfile, hold=places.run / f"{service.name}.lock")
    return {
        "command": shlex.join(command),
        "autostart": "false",
        "autorestart": "true",
        "startsecs": _STARTED_S,
        "startretries": _START_TRIES,
        "stopsignal": "TERM",
        "stopwaitsecs": _STOP_WAIT_S,
        "killasgroup": "true",
        "redirect_stderr": "true",
        "stdout_logfile": places.log_of(service.name),
        "stdout_logfile_maxbytes": "10MB",
        "stdout_logfile_backups": 5,
    }


def _section(name: str, values: Mapping[str, object]) -> str:
    # Supervisor expands %(…)s in values, so a plain % is written twice.
    return "\n".join([f"[{name}]", *(f"{key} = {str(value).replace('%', '%%')}" for key, value in values.items()), ""])


class Supervision:
    """A running Supervisor."""

    def __init__(self, process: subprocess.Popen[bytes], places: Places) -> None:
        self._process = process
        self._places = places

    def start(self, service: Service) -> None:
        """Start a service; return without waiting for it."""
        self._call("startProcess", f"{service.group}:{service.name}", False)

    def states(self) -> list[State]:
        """How every service is now. Raises :class:`OperatorError` when Supervisor itself is gone."""
        return [
            State(each["name"], each["pid"], each["statename"] == "FATAL") for each in self._call("getAllProcessInfo")
        ]

    def _call(self, name: str, *arguments: object) -> list[dict[str, Any]]:
        try:
            answer = self._ask(name, *arguments)
        except (OSError, HTTPException, Fault) as error:
            raise self._lost(error) from None
        return answer if isinstance(answer, list) else []

    def _ask(self, name: str, *arguments: object) -> object:
        # A connection each time: Supervisor's transport keeps one that failed, and fails for ever after.
        transport = SupervisorTransport(None, None, f"unix://{self._places.socket}")
        try:
            return getattr(ServerProxy("http://127.0.0.1", transport).supervisor, name)(*arguments)
        finally:
            transport.close()

    def answers(self) -> bool:
        """Whether it takes commands yet."""
        try:
            self._ask("getState")
        except (OSError, HTTPException, Fault):
            return False
        return True

    def pause(self, seconds: float) -> None:
        """Let time pass. Raises :class:`OperatorError` as soon as Supervisor ends."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return
        raise self._lost()

    def _lost(self, error: Exception | None = None) -> OperatorError:
        # A process that was killed is seen a moment later than its closed socket.
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_ENDED_S)
        how = "ended, and with it all that it ran" if self.ended() else f"does not answer ({error})"
        log = self._places.log_of("supervisord")
        return OperatorError(f"the process manager {how}.", f"Start again; its log is {log}.")

    def ended(self) -> bool:
        """Whether it is gone."""
        return self._process.poll() is not None

    def stop(self) -> None:
        """Stop every service, servers first, then Supervisor. Whatever does not end in time is killed."""
        if not self.ended():
            self._process.send_signal(signal.SIGTERM)
            # It looks at signals when something wakes it, at the latest after a second; a question wakes it at once.
            self.answers()
        try:
            self._process.wait(_STOP_ALL_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


@contextmanager
def supervised(places: Places, services: Iterable[Service], environment: Mapping[str, str]) -> Iterator[Supervision]:
    """Supervisor with these services, none started yet; at the end of the block everything is stopped."""
    file = places.run / "supervisord.conf"
    file.write_text(configuration(places, services))
    command = tethered(
        [sys.executable, "-m", "supervisor.supervisord", "-c", str(file)],
        parent=os.getpid(),
        hold=places.run / "supervisord.lock",
    )
    with places.complaints.open("wb") as output:
        # A session of its own: the terminal's Ctrl-C is for `aican up`, which then stops things in order.
        process = subprocess.Popen(  # noqa: S603  the command is ours
            command, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    supervision = Supervision(process, places)
    try:
        _wait(supervision, places)
        yield supervision
    finally:
        supervision.stop()


def _wait(supervision: Supervision, places: Places) -> None:
    deadline = time.monotonic() + _START_S
    while not supervision.answers():
        if supervision.ended() or time.monotonic() > deadline:
            raise OperatorError(
                f"the process manager does not start: {last_lines(places.complaints, 1)}",
                f"Its logs are {places.complaints} and {places.log_of('supervisord')}.",
            )
        time.sleep(_LOOK_EVERY_S)


def last_lines(log: Path, count: int) -> str:
    """The end of a log, or a word that says it is empty. Reads at most its last 64 KiB."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 65536))
            lines = file.read().decode(errors="replace").strip().splitlines()
    except FileNotFoundError:
        lines = []
    return "\n".join(lines[-count:]) or "(nothing was logged)"
