"""What must hold before Aican can run here. ``up`` and ``doctor`` ask the same questions.

A check returns a few words on what it found, or raises :class:`OperatorError`.
"""

from __future__ import annotations

import errno
import os
import platform
import re
import shutil
import socket
import sys
from pathlib import Path

from chat.errors import OperatorError
from config.local.directories import data_directory

OLDEST_PYTHON = (3, 11)
# MongoDB's journal alone takes up to 100 MB ahead, and a full disk stops both stores.
_LEAST_FREE_BYTES = 512 * 1024 * 1024


def python() -> str:
    """The version of Python. Raises OperatorError for one before 3.11."""
    if sys.version_info[:2] < OLDEST_PYTHON:
        raise OperatorError(
            f"Aican needs Python ≥ {'.'.join(map(str, OLDEST_PYTHON))}; this is {platform.python_version()}.",
            "Install a newer one and run `make run` again.",
        )
    return platform.python_version()


def data_dir(path: Path) -> str:
    """The data directory, made if missing, proven by writing a file there and removing it. Raises OperatorError."""
    data_directory(path)
    probe = path / f".write-{os.getpid()}"
    try:
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise OperatorError(
            f"cannot write to the data directory {path}: {error.strerror}.",
            "Make it writable for this user, or set AICAN_DATA_DIR to another place.",
        ) from None
    return str(path)


def disk(path: Path) -> str:
    """Free space where the data lies. Raises OperatorError for less than 512 MB."""
    free = shutil.disk_usage(path).free
    if free < _LEAST_FREE_BYTES:
        raise OperatorError(
            f"only {free // 2**20} MB are free where {path} lies; Aican wants {_LEAST_FREE_BYTES // 2**20} MB.",
            "Make room, or set AICAN_DATA_DIR to another disk.",
        )
    return f"{free / 2**30:.1f} GB free"


def port(host: str, number: int, setting: str) -> str:
    """Whether we could listen there now. ``setting`` is the variable that moves it, such as AICAN_WEB_PORT.

    Raises OperatorError that names who has it, or why nobody can.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, number, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            # As servers do: connections of an earlier run that fade away do not count, a listener does.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
    except (OSError, UnicodeError) as error:
        raise cannot_listen(error, host, number, setting) from None
    return f"{number} is free"


def cannot_listen(error: OSError | UnicodeError, host: str, number: int, setting: str) -> OperatorError:
    """The error for a server that could not listen; UnicodeError is what a host that is no name gives."""
    code = error.errno if isinstance(error, OSError) else None
    if code == errno.EADDRINUSE:
        return OperatorError(
            f"port {number} is taken by {listener(number) or 'another process'}.",
            f"Stop it, or set {setting} to a free port.",
        )
    if code == errno.EACCES:
        return OperatorError(
            f"this user may not listen on port {number}.",
            f"Set {setting} to 1024 or above, and let a proxy serve {number}.",
        )
    why = "it is no name of a host"
    if isinstance(error, OSError):  # an event loop's own text repeats address and port
        why = os.strerror(code) if code and code > 0 else str(error.strerror)
    host_setting = setting.replace("_PORT", "_HOST")
    return OperatorError(f"cannot listen on {host}: {why}.", f"Set {host_setting} to an address of this machine.")


def listener(number: int) -> str | None:
    """Who listens on a TCP port: ``name (process PID)``, as far as this user may see it (Linux); else None."""
    inodes = set()
    for table in ("tcp", "tcp6"):
        try:
            rows = Path("/proc/net", table).read_text().splitlines()[1:]
        except OSError:
            continue
        for row in rows:
            # proc_net_tcp(5): local address, remote address, state (0A: listening), …, inode.
            fields = row.split()
            if fields[3] == "0A" and int(fields[1].rsplit(":", 1)[1], 16) == number:
                inodes.add(f"socket:[{fields[9]}]")
    return _holder(inodes)


def _holder(inodes: set[str]) -> str | None:
    for process in Path("/proc").iterdir():
        if not process.name.isdecimal():
            continue
        try:
            if any(os.readlink(handle) in inodes for handle in (process / "fd").iterdir()):
                return f"{_program(process)} (process {process.name})"
        except OSError:
            continue  # another user's, or gone meanwhile
    return None


def _program(process: Path) -> str:
    """The name a person would know: of a script rather than of its interpreter."""
    words = process.joinpath("cmdline").read_bytes().decode(errors="replace").split("\0")
    name = Path(words[0]).name
    if (
        re.match(r"(python|node|ruby|perl|ld-linux)", name)
        and len(words) > 1
        and words[1]
        and not words[1].startswith("-")
    ):
        return Path(words[1]).name
    return name
