"""Both local stores, as child processes of whoever asks: for tests and for anything that needs them for a while."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from chat.errors import OperatorError
from config.local import mongodb, redis
from config.local.answers import mongodb_answers, redis_answers
from config.local.directories import private_directory
from config.local.tether import tethered

# An empty store answers within a second; one that replays a long journal after a crash needs more.
_START_S = 60.0
# Redis writes a snapshot and MongoDB a checkpoint when they stop.
_STOP_S = 30.0


@dataclass(frozen=True)
class LocalStore:
    """One store that can be run here. ``command`` and ``answers`` need what ``prepare`` made."""

    name: str
    prepare: Callable[[Path, Callable[[str], None]], None]
    command: Callable[[Path], list[str]]
    answers: Callable[[Path], bool]


@dataclass(frozen=True)
class StoreUrls:
    """Addresses as drivers take them."""

    redis_url: str
    mongodb_url: str


REDIS = LocalStore("redis", redis.prepare, redis.command, lambda data_dir: redis_answers(redis.socket_path(data_dir)))
MONGODB = LocalStore(
    "mongodb", mongodb.prepare, mongodb.command, lambda data_dir: mongodb_answers(mongodb.socket_path(data_dir))
)


@contextmanager
def running_stores(
    directory: Path, say: Callable[[str], None] = print, *, stores: Sequence[LocalStore] = (REDIS, MONGODB)
) -> Iterator[StoreUrls]:
    """Real stores with their data in ``directory``, both unless told, stopped at the end (SIGTERM, SIGKILL after 30 s).

    They end with the thread that started them, too, however it ends; start them from the main thread.
    Raises :class:`OperatorError` when one cannot be had or does not start; their output is in ``<directory>/log``.
    """
    directory = Path(os.path.abspath(directory))
    with ExitStack() as running:
        started = [(store, running.enter_context(_running(store, directory, say))) for store in stores]
        for store, process in started:
            _wait(store, process, directory)
        yield StoreUrls(redis.url(directory), mongodb.url(directory))


@contextmanager
def _running(store: LocalStore, directory: Path, say: Callable[[str], None]) -> Iterator[subprocess.Popen[bytes]]:
    store.prepare(directory, say)
    log = private_directory(directory / "log") / f"{store.name}.log"
    lock = private_directory(directory / "run") / f"{store.name}.lock"
    command = tethered(store.command(directory), parent=os.getpid(), hold=lock)
    with log.open("ab") as output:
        # A session of its own: the terminal's Ctrl-C is for the starter, which stops the stores when it is done.
        process = subprocess.Popen(  # noqa: S603  the command is ours
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        yield process
    finally:
        _stop(process)


def _wait(store: LocalStore, process: subprocess.Popen[bytes], directory: Path) -> None:
    deadline = time.monotonic() + _START_S
    while not store.answers(directory):
        if process.poll() is not None or time.monotonic() > deadline:
            log = directory / "log" / f"{store.name}.log"
            last = (log.read_text(errors="replace").strip().splitlines() or ["it said nothing"])[-1]
            raise OperatorError(f"the local {store.name} does not start: {last}", f"Its log is {log}.")
        time.sleep(0.02)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
