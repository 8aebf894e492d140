"""A proxy between a client and Redis that can be cut, be held, or fall silent as a half-open connection does."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from urllib.parse import urlsplit


class Proxy:
    """Listens on a socket of its own and passes bytes both ways."""

    def __init__(self, redis_url: str) -> None:
        self._redis_path = urlsplit(redis_url).path
        self._directory = tempfile.TemporaryDirectory(prefix="proxy-")
        self._path = Path(self._directory.name) / "redis.sock"
        self._server: asyncio.Server | None = None
        self._ends: set[asyncio.StreamWriter] = set()
        self._silent: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.to_redis = asyncio.Event()
        """Set: bytes pass to Redis. Cleared: they are held until it is set again."""
        self.to_redis.set()
        self.from_redis = asyncio.Event()
        self.from_redis.set()

    @property
    def url(self) -> str:
        return f"unix://{self._path}"

    async def __aenter__(self) -> Proxy:
        await self.listen()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.hang_up()
        self._directory.cleanup()

    async def listen(self) -> None:
        self._path.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(self._serve, self._path)

    def fall_silent(self) -> None:
        """All present connections stay open and carry nothing any more; new ones work."""
        self._silent |= self._ends

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
                    target.write(data)
                    await target.drain()
        except OSError:
            pass
        finally:
            target.close()
            self._ends.discard(target)
