"""One ``aican up`` per data directory, and none beside what a killed one left running."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from chat.errors import OperatorError
from config.local.directories import data_directory, private_directory

_OWN = "up.lock"
_STOPPING = "stopping"
# A gateway drains for at most 30 s, then the stores flush.
_STOP_S = 60.0
_LOOK_EVERY_S = 0.05


class Owner:
    """The running ``aican up`` of a data directory, as others see it in its lock file."""

    def __init__(self, handle: int) -> None:
        self._handle = handle

    def tell(self, state: str) -> None:
        """Write down our pid and ``state``."""
        # One write of one width: whoever reads it meets the old line or the new one.
        os.pwrite(self._handle, f"{os.getpid():<10} {state:<10}\n".encode(), 0)

    def stopping(self) -> None:
        """From now on a successor waits for us instead of giving up."""
        self.tell(_STOPPING)


@contextmanager
def only_one(data_dir: Path, say: Callable[[str], None]) -> Iterator[Owner]:
    """Own ``data_dir`` until the end of the block, once everything of an earlier run is gone.

    The kernel drops the lock with the process, so neither ``kill -9`` nor a stale file blocks the next start.
    Raises :class:`OperatorError` when another ``aican up`` runs there or leftovers do not end within a minute.
    """
    run = private_directory(data_directory(data_dir) / "run")
    handle = os.open(run / _OWN, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _acquire(handle, run, data_dir, say)
        owner = Owner(handle)
        owner.tell("running")
        _wait_for_leftovers(run, say)
        yield owner
    finally:
        os.close(handle)


def held(path: Path) -> bool:
    """Whether some process holds the lock on ``path``."""
    try:
        handle = os.open(path, os.O_RDWR)
    except (FileNotFoundError, NotADirectoryError):
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def leftovers(run: Path) -> list[Path]:
    """Locks of programs that run now, other than the lock of ``aican up`` itself."""
    return [path for path in sorted(run.glob("*.lock")) if path.name != _OWN and held(path)]


def _acquire(handle: int, run: Path, data_dir: Path, say: Callable[[str], None]) -> None:
    deadline = time.monotonic() + _STOP_S
    told = False
    while True:
        try:
            return fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid, _, state = (run / _OWN).read_text().strip().partition(" ")
        if state.strip() != _STOPPING or time.monotonic() > deadline:
            raise OperatorError(
                f"Aican already runs on {data_dir} (process {pid or 'unknown'}).",
                f"Use that one, stop it with `kill {pid}`, or give this one another AICAN_DATA_DIR and other ports."
                if pid
                else "Use that one, or give this one another AICAN_DATA_DIR and other ports.",
            )
        told = told or _told_waiting(say)
        time.sleep(_LOOK_EVERY_S)


def _wait_for_leftovers(run: Path, say: Callable[[str], None]) -> None:
    deadline = time.monotonic() + _STOP_S
    told = False
    while left := leftovers(run):
        if time.monotonic() > deadline:
            pids = " ".join(path.read_text().strip() for path in left)
            raise OperatorError(
                f"{', '.join(path.stem for path in left)} of an earlier run did not end.",
                f"End it with `kill -9 {pids}`.",
            )
        told = told or _told_waiting(say)
        time.sleep(_LOOK_EVERY_S)


def _told_waiting(say: Callable[[str], None]) -> bool:
    say("Waiting for the previous run to stop")
    return True
