"""Stores that let nobody in: a real Redis with a password, and what a MongoDB with accounts answers to strangers.

The local MongoDB knows no accounts, and a ``mongod`` is not on every machine; so its refusals are played back, as the
server gives them (mongo/src/mongo/base/error_codes.yml: 13 Unauthorized, 18 AuthenticationFailed).
"""

from __future__ import annotations

import socketserver
import struct
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import bson
from redis import Redis
from redis.exceptions import RedisError

from config.local import redis as local_redis
from tests.commands.eventually import eventually
from tests.ports import free_port

PASSWORD = "wonderful-secret"
_HEAD = struct.Struct("<iiii")  # length, request, answer to, kind
_QUERY, _REPLY, _MESSAGE = 2004, 1, 2013
_HELLO = {
    "ok": 1.0,
    "ismaster": True,
    "isWritablePrimary": True,
    "helloOk": True,
    "minWireVersion": 0,
    "maxWireVersion": 21,
}
_ALLOWED: dict[str, dict[str, Any]] = {
    "hello": _HELLO,
    "ismaster": _HELLO,
    "ping": {"ok": 1.0},
    "buildInfo": {"ok": 1.0, "version": "8.0.0"},
    "saslStart": {"ok": 0.0, "code": 18, "codeName": "AuthenticationFailed", "errmsg": "Authentication failed."},
}


@contextmanager
def locked_redis(directory: Path) -> Iterator[int]:
    """The port of a Redis that wants ``PASSWORD``."""
    port = free_port()
    options = ("--port", str(port), "--bind", "127.0.0.1", "--requirepass", PASSWORD, "--save", "", "--dir", directory)
    with subprocess.Popen([local_redis.server(), *map(str, options)], stdout=subprocess.DEVNULL) as server:
        try:
            eventually(lambda: _answers(port))
            yield port
        finally:
            server.kill()


def _answers(port: int) -> bool:
    try:
        with Redis(port=port, password=PASSWORD) as client:
            return bool(client.ping())
    except RedisError:
        return False


@contextmanager
def locked_mongodb() -> Iterator[int]:
    """The port of a server that answers as a MongoDB whose accounts do not include whoever asks."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Stranger) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


class _Stranger(socketserver.StreamRequestHandler):
    """One connection of somebody who is nobody here."""

    def handle(self) -> None:
        """Answer every command until the client hangs up."""
        while head := self.rfile.read(_HEAD.size):
            length, request, _, kind = _HEAD.unpack(head)
            body = self.rfile.read(length - _HEAD.size)
            # A query's document follows flags, a name that ends with NUL, two numbers; a message's: flags, a kind.
            command = bson.decode(body[body.index(0, 4) + 9 :] if kind == _QUERY else body[5:])
            answer = bson.encode(_answer(next(iter(command))))
            if kind == _QUERY:
                self._send(request, _REPLY, struct.pack("<iqii", 8, 0, 0, 1) + answer)
            else:
                self._send(request, _MESSAGE, struct.pack("<iB", 0, 0) + answer)

    def _send(self, request: int, kind: int, body: bytes) -> None:
        self.wfile.write(_HEAD.pack(_HEAD.size + len(body), 0, request, kind) + body)


def _answer(command: str) -> dict[str, Any]:
    refused = {"code": 13, "codeName": "Unauthorized", "errmsg": f"Command {command} requires authentication"}
    return _ALLOWED.get(command, {"ok": 0.0, **refused})
