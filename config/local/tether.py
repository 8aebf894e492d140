"""Run a command that ends with its parent: ``tether.py --parent PID|PIDFILE [--hold LOCKFILE] -- COMMAND…``.

The command takes this process's place (``exec``), so who started it sees the command's own pid, signals and exit code.

- The kernel sends it SIGTERM when its parent dies, however that dies (``PR_SET_PDEATHSIG``, prctl(2); Linux only,
  elsewhere this step is left out). ``--parent`` says who the parent must be, as a pid or a file that holds one:
  a parent that died before we asked the kernel would never be noticed otherwise. (``setpriv`` has no such check).
- ``--hold`` keeps a lock on a file for as long as the command lives. What a killed parent left running still holds it,
  and a successor waits here until that one is gone, instead of meeting its files half-way.

Started as a script with ``python -I -S`` (15 ms): it must import nothing but the standard library.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import signal
import sys
import time
from pathlib import Path

PR_SET_PDEATHSIG = 1
# A gateway drains for at most 30 s and a store flushes in a few; whatever holds the lock longer is stuck.
_WAIT_FOR_LOCK_S = 60.0


def tethered(command: list[str], *, parent: int | Path, hold: Path | None = None) -> list[str]:
    """The command line that runs ``command`` under a tether; ``parent`` is who will start it, by pid or pid file."""
    held = ["--hold", str(hold)] if hold else []
    return [sys.executable, "-I", "-S", __file__, "--parent", str(parent), *held, "--", *command]


def main(arguments: list[str]) -> None:
    """Become the command; does not return.

    Exits with 1 and a sentence when the parent is gone, the kernel or the lock (60 s) cannot be had, or the command
    cannot be run; with 2 for arguments that are none.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("--parent", required=True)
    parser.add_argument("--hold")
    parser.add_argument("command", nargs="+")
    asked = parser.parse_args(arguments)
    _end_with_parent(asked.parent)
    if asked.hold:
        _hold(asked.hold)
    try:
        os.execvp(asked.command[0], asked.command)  # noqa: S606  running what it is told to run is its purpose
    except OSError as error:
        sys.exit(f"cannot run {asked.command[0]}: {error.strerror}")


def _end_with_parent(parent: str) -> None:
    if sys.platform == "linux":
        import ctypes

        if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0) != 0:
            sys.exit("cannot ask the kernel to end this process with its parent")
    expected = int(parent) if parent.isdecimal() else int(Path(parent).read_text())
    if os.getppid() != expected:
        sys.exit("the parent is gone already")


def _hold(lock: str) -> None:
    """Take the lock and let the command inherit it: it is free again when the last process that holds it has ended."""
    handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    os.set_inheritable(handle, True)
    deadline = time.monotonic() + _WAIT_FOR_LOCK_S
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            if time.monotonic() > deadline:
                sys.exit(f"{lock} is still held by an earlier process")
            time.sleep(0.02)
    # Who holds it, for people and messages; the lock itself is what counts. One write of one width: never half there.
    os.pwrite(handle, f"{os.getpid():<10}\n".encode(), 0)


if __name__ == "__main__":
    main(sys.argv[1:])
