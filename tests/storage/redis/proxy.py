"""A proxy between a client and Redis: it can be cut, held, fall silent as half-open connections do, or go mute."""

from __future__ import annotations

import asyncio
import ssl
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from hiredis import HiredisError, Reader

from tests.ports import free_port


class Proxy:
    """Listens on a socket of its own and passes bytes both ways; with ``tls`` on a port, in TLS."""

    def __init__(self, redis_url: str, *, tls: ssl.SSLContext | None = None) -> None:
        self._redis_path = urlsplit(redis_url).path
        self._directory = tempfile.TemporaryDirectory(prefix="proxy-")
        self._path = Path(self._directory.name) / "redis.sock"
        self._server: asyncio.Server | None = None
        self._ends: set[asyncio.StreamWriter] = set()
        self._clients: set[asyncio.StreamWriter] = set()
        self._silent: set[asyncio.StreamWriter] = set()
        self._mute: dict[asyncio.StreamWriter, Reader] = {}
        self._tls = tls
        self._port = free_port() if tls else 0
        self._tasks: set[asyncio.Task[None]] = set()
        self.to_redis = asyncio.Event()
        """Set: bytes pass to Redis. Cleared: they are held until it is set again."""
        self.to_redis.set()
        self.from_redis = asyncio.Event()
        self.from_redis.set()

    @property
    def url(self) -> str:
        return f"rediss://localhost:{self._port}" if self._tls else f"unix://{self._path}"

    async def __aenter__(self) -> Proxy:
        await self.listen()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.hang_up()
        self._directory.cleanup()

    async def listen(self) -> None:
        self._path.unlink(missing_ok=True)
        if self._tls:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port, ssl=self._tls)
        else:
            self._server = await asyncio.start_unix_server(self._serve, self._path)

    def fall_silent(self) -> None:
        """All present connections stay open and carry nothing any more; new ones work."""
        self._silent |= self._ends

    def go_mute(self) -> None:
        """From all present connections the messages of channels are dropped; every question is answered."""
        for client in self._clients & self._ends:
            self._mute[client] = Reader()

    async def hang_up(self) -> None:
        """Close all connections and accept no new one."""
        if self._server:
            self._server.close()
            self._server = None
        self._path.unlink(missing_ok=True)
        for end in list(self._ends):
            end.close()
        self.to_redis.set()
        self.from_redis.set()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._clients.add(writer)
        redis_reader, redis_writer = await asyncio.open_unix_connection(self._redis_path)
        ways = ((reader, redis_writer, self.to_redis), (redis_reader, writer, self.from_redis))
        for source, target, is_open in ways:
            task = asyncio.create_task(self._pass(source, target, is_open))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pass(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, is_open: asyncio.Event) -> None:
        self._ends.add(target)
        try:
            while data := await source.read(65_536):
                await is_open.wait()
                if target not in self._silent:
                    target.write(_without_messages(data, self._mute[target]) if target in self._mute else data)
                    await target.drain()
        except OSError:
            pass
        finally:
            target.close()
            self._ends.discard(target)
            self._mute.pop(target, None)


def _without_messages(data: bytes, reader: Reader) -> bytes:
    reader.feed(data)
    kept = []
    while (reply := reader.gets()) is not False:
        if not (isinstance(reply, list) and reply[0] == b"message"):
            kept.append(_packed(reply))
    return b"".join(kept)


def _packed(reply: Any) -> bytes:
    """A reply as a server sends it (RESP2); a status as a text."""
    match reply:
        case None:
            return b"$-1\r\n"
        case int():
            return b":%d\r\n" % reply
        case HiredisError():
            return b"-%b\r\n" % str(reply).encode()
        case list():
            return b"*%d\r\n%b" % (len(reply), b"".join(map(_packed, reply)))
        case _:
            return b"$%d\r\n%b\r\n" % (len(reply), reply)
