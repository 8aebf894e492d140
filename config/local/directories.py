"""Where local things lie: data, sockets, and what was fetched once for this user."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

from chat.errors import OperatorError

# sun_path of unix(7) has 108 bytes and wants a final zero.
_LONGEST_SOCKET_PATH = 107
# The longest name in a socket directory: supervisor first binds "up.sock.<pid>", and a pid has at most 7 digits.
_LONGEST_SOCKET_NAME = len("/up.sock.4194304")
_ELSEWHERE = "Make it writable for this user, or set AICAN_DATA_DIR to another place."


def socket_directory(data_dir: Path) -> Path:
    """The directory of a data directory's Unix sockets; nothing is created. It depends on ``data_dir`` and the user.

    Normally ``<data_dir>/run``. A path too long for a socket gets a short private directory in ``/tmp``: not in
    ``$TMPDIR`` or ``$XDG_RUNTIME_DIR``, which differ between one user's sessions: another one would not find it.
    """
    plain = data_dir / "run"
    if len(os.fsencode(plain)) + _LONGEST_SOCKET_NAME <= _LONGEST_SOCKET_PATH:
        return plain
    digest = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]
    return Path(f"/tmp/aican-{os.geteuid()}-{digest}")  # noqa: S108  its owner and mode are checked by private_directory


def cache_directory() -> Path:
    """What was fetched once for this user and can be fetched again: ``$XDG_CACHE_HOME/aican`` or ``~/.cache/aican``."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(base) if os.path.isabs(base) else Path.home() / ".cache") / "aican"


def data_directory(path: Path) -> Path:
    """The data directory, made if missing (mode 0700) and checked to be writable. One that exists keeps its mode.

    Raises :class:`OperatorError`.
    """
    check_data_directory_can_be(path)
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise OperatorError(f"cannot make the data directory {path}: {error.strerror}.", _ELSEWHERE) from None
    if not os.access(path, os.W_OK | os.X_OK):
        raise OperatorError(f"cannot write to the data directory {path}.", _ELSEWHERE)
    return path


def check_data_directory_can_be(path: Path) -> None:
    """Raises :class:`OperatorError` where a file stands in the place of the data directory or of one above it."""
    if reason := in_the_way(path):
        raise OperatorError(f"{path} cannot be the data directory: {reason}.", "Set AICAN_DATA_DIR to another place.")


def in_the_way(path: Path) -> str | None:
    """Why there can be no directory at ``path``, in words that name what stands there; None where one is or can be."""
    there = nearest(path)
    if there.is_dir():
        return None
    name = "it" if there == path else str(there)
    if there.is_symlink() and not there.exists():
        return f"{name} is a link to {there.readlink()}, where there is nothing"
    return f"{name} is a file"


def nearest(path: Path) -> Path:
    """``path``, or of the folders above it the nearest that is there."""
    return next(each for each in (path, *path.parents) if os.path.lexists(each))


def private_directory(path: Path) -> Path:
    """``path``, made if missing (mode 0700), checked to be a real directory of ours into which only we can write.

    Raises :class:`OperatorError`: in a shared place like ``/tmp`` somebody else may have made it first.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = path.lstat()
    except OSError as error:
        raise OperatorError(
            f"cannot make the directory {path}: {error.strerror}.",
            _ELSEWHERE,
        ) from None
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise OperatorError(
            f"{path} is not a directory of this user.", "Remove it, or set AICAN_DATA_DIR to a shorter path."
        )
    if found.st_mode & 0o077:
        path.chmod(0o700)
    if not os.access(path, os.W_OK | os.X_OK):
        raise OperatorError(f"cannot write to the directory {path}.", _ELSEWHERE)
    return path
