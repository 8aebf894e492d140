"""A local MongoDB: ``mongod`` from PATH, or MongoDB's server code in Node. Unix socket only, journaled."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from config.local.directories import data_directory, private_directory, socket_directory
from config.local.mongodb import engine

SOCKET_NAME = "mongodb.sock"


def socket_path(data_dir: Path) -> Path:
    """Where the local MongoDB of ``data_dir`` listens."""
    return socket_directory(data_dir) / SOCKET_NAME


def url(data_dir: Path) -> str:
    """The address of the local MongoDB of ``data_dir``, as drivers take it."""
    return f"mongodb://{quote(str(socket_path(data_dir)), safe='')}/?directConnection=true"


def needs_node() -> bool:
    """Whether the local MongoDB runs in Node: there is no ``mongod`` on PATH."""
    return shutil.which("mongod") is None


def present() -> bool:
    """Whether nothing needs to be fetched to run it."""
    return not needs_node() or engine.present()


def prepare(data_dir: Path, say: Callable[[str], None]) -> None:
    """Fetch what is missing, telling ``say`` what takes long; make the directories. Raises :class:`OperatorError`."""
    if needs_node():
        engine.prepare(say)
    data_directory(data_dir)
    private_directory(socket_directory(data_dir))
    private_directory(data_dir / "mongodb")


def command(data_dir: Path) -> list[str]:
    """The command line of the server in the foreground. It ends cleanly on SIGTERM and replaces a stale socket."""
    data = data_dir / "mongodb"
    if needs_node():
        return engine.command(data, socket_path(data_dir))
    sockets = str(socket_directory(data_dir))
    # A socket path as the only address: no TCP. The prefix keeps the socket that mongod always adds out of /tmp.
    return ["mongod", "--dbpath", str(data), "--bind_ip", str(socket_path(data_dir)), "--unixSocketPrefix", sockets]
