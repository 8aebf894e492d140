"""A TCP proxy that treats what passes as a bad network would. One event loop, no task per connection but for dialling.

Calm, it hands bytes on as they come. Everything random comes from the generator it is given.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Sequence
from pathlib import Path
from random import Random
from types import TracebackType
from typing import TypeAlias

from tests.chaos.link import Link
from tests.chaos.ports import quiet_port
from tests.chaos.weather import CALM, Weather

Address: TypeAlias = "tuple[str, int] | Path"
"""Where to dial: host and port, or a Unix socket."""

NARROW = 16 * 1024
"""The receive buffer of a proxy whose readers are to be slow: the kernel's own would hold megabytes for them."""


class Proxy:
    """Use it with ``async with``. ``weather`` may be changed at any time; it holds for open connections as well."""

    def __init__(self, name: str, upstreams: Sequence[Address], random: Random, *, narrow: bool = False) -> None:
        """Of several upstreams each connection gets one at random; one that cannot be dialled is passed over."""
        self.name = name
        self.random = random
        self.port = quiet_port()
        self._upstreams = list(upstreams)
        self._narrow = narrow
        self._weather = CALM
        self._links: set[Link] = set()
        self._server: asyncio.Server | None = None
        self._dialling: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Proxy:
        await self._listen()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop_listening()
        for task in list(self._dialling):
            task.cancel()
        self.cut()

    # --- weather --------------------------------------------------------------------------------------------------

    @property
    def weather(self) -> Weather:
        """What holds now."""
        return self._weather

    async def change(self, weather: Weather) -> None:
        """From now on it is like this, for open connections too."""
        self._weather = weather
        if weather.refusing:
            self._stop_listening()
            self.cut()
        elif self._server is None:
            await self._listen()
        for link in list(self._links):
            link.change(weather)

    def cut(self) -> None:
        """Reset every open connection, as a middlebox does that lost its table."""
        for link in list(self._links):
            link.reset()

    def half_open(self) -> list[Link]:
        """Open connections go silent for ever and neither end is told; new ones work. Returns those that were well."""
        return [link for link in list(self._links) if link.die()]

    # --- connections ----------------------------------------------------------------------------------------------

    @property
    def connections(self) -> int:
        """How many are open."""
        return len(self._links)

    async def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._accepted, "127.0.0.1", self.port, backlog=1024)

    def _stop_listening(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    def _accepted(self) -> asyncio.Protocol:
        link = Link(self.random, self._weather, self._links.discard)
        self._links.add(link)
        task = asyncio.get_running_loop().create_task(self._dial(link))
        self._dialling.add(task)
        task.add_done_callback(self._dialling.discard)
        return link.near

    async def _dial(self, link: Link) -> None:
        if self._weather.swallowing and link.is_affected:
            link.is_dead = True
            return
        for upstream in self.random.sample(self._upstreams, len(self._upstreams)):
            with contextlib.suppress(OSError):
                await self._dial_one(link, upstream)
                return
        link.reset()

    async def _dial_one(self, link: Link, upstream: Address) -> None:
        loop = asyncio.get_running_loop()
        if isinstance(upstream, Path):
            await loop.create_unix_connection(lambda: link.far, str(upstream))
            return
        dialled = socket.socket()
        try:
            dialled.setblocking(False)
            if self._narrow:
                dialled.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, NARROW)
            await loop.sock_connect(dialled, upstream)
            await loop.create_connection(lambda: link.far, sock=dialled)
        except BaseException:
            dialled.close()
            raise
