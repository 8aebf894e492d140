"""Fetch once into the cache directory: whole or not at all, and by one process at a time."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from chat.errors import OperatorError
from config.local.directories import cache_directory

# A stalled mirror must not hang a start for ever; the largest fetch (36 MB) takes seconds on a working line.
_FETCH_S = 600.0
_TELLING = re.compile(r"fail|could not|cannot|not found|refused|denied|timed? ?out", re.IGNORECASE)


def fetched(name: str, make: Callable[[Path], None]) -> Path:
    """The directory ``name`` in the cache, made by ``make(empty directory)`` the first time.

    Two processes at once: the second waits and uses the first one's. A ``make`` that fails leaves nothing behind.
    Raises what ``make`` raises, and :class:`OperatorError` when the cache cannot be written to.
    """
    target = cache_directory() / name
    if target.is_dir():
        return target
    with _locked(target):
        if not target.is_dir():
            scratch = Path(tempfile.mkdtemp(prefix=f".{name}.", dir=target.parent))
            try:
                make(scratch)
                scratch.rename(target)
            finally:
                shutil.rmtree(scratch, ignore_errors=True)
    return target


@contextmanager
def _locked(target: Path) -> Iterator[None]:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(target.parent / f".{target.name}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise OperatorError(
            f"cannot write to the cache directory {target.parent}: {error.strerror}.",
            "Make it writable, or set XDG_CACHE_HOME to a directory that is.",
        ) from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def run(command: list[str], *, cwd: Path, problem: str, remedy: str) -> str:
    """Run a fetching command, for 600 s at most; what it printed.

    Raises :class:`OperatorError` of ``problem``, its last complaint, and ``remedy``.
    """
    try:
        done = subprocess.run(  # noqa: S603  the commands are ours
            command, cwd=cwd, capture_output=True, text=True, timeout=_FETCH_S, check=False, stdin=subprocess.DEVNULL
        )
    except FileNotFoundError:
        raise OperatorError(f"{problem}: there is no {command[0]} on this machine.", remedy) from None
    except subprocess.TimeoutExpired:
        raise OperatorError(f"{problem}: {command[0]} did not end within {_FETCH_S:.0f} s.", remedy) from None
    if done.returncode != 0:
        raise OperatorError(
            f"{problem}: {_complaint(done.stdout, done.stderr) or f'exit code {done.returncode}'}.", remedy
        )
    return done.stdout


def _complaint(*outputs: str) -> str:
    """The first line that says what went wrong, else the last one: package managers end with where their logs are."""
    lines = [line.strip() for output in outputs for line in output.splitlines() if line.strip()]
    return next((line for line in lines if _TELLING.search(line)), lines[-1] if lines else "").rstrip(".")
