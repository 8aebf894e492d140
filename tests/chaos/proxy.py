"""A TCP proxy that treats what passes as a bad network would. One event loop, no task per connection but for dialling.

Calm, it hands bytes on as they come. Everything random comes from the generator it is given.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from random import Random
from types import TracebackType
from typing import TypeAlias, cast

from tests.chaos.ports import quiet_port
from tests.chaos.resp import Answers, is_push
from tests.chaos.weather import CALM, Weather

Address: TypeAlias = "tuple[str, int] | Path"
"""Where to dial: host and port, or a Unix socket."""

HELD = 64 * 1024
"""Bytes that a direction holds back; then its source is not read, so that a slow reader is felt by who writes."""
NARROW = 16 * 1024
"""The receive buffer of a proxy whose readers are to be slow: the kernel's own would hold megabytes for them."""
_RST_ON_CLOSE = struct.pack("ii", 1, 0)
"""``struct linger`` on, 0 s: close(2) then sends a reset instead of an end of stream (socket(7))."""


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
        self._links: set[_Link] = set()
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
            link.weather_changed()

    def cut(self) -> None:
        """Reset every open connection, as a middlebox does that lost its table."""
        for link in list(self._links):
            link.reset()

    def half_open(self) -> None:
        """Open connections go silent for ever and neither end is told; new ones work."""
        for link in list(self._links):
            link.is_dead = True

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
        link = _Link(self)
        self._links.add(link)
        task = asyncio.get_running_loop().create_task(self._dial(link))
        self._dialling.add(task)
        task.add_done_callback(self._dialling.discard)
        return link.near

    async def _dial(self, link: _Link) -> None:
        if self._weather.swallowing and link.is_affected:
            link.is_dead = True
            return
        for upstream in self.random.sample(self._upstreams, len(self._upstreams)):
            with contextlib.suppress(OSError):
                await self._dial_one(link, upstream)
                return
        link.reset()

    async def _dial_one(self, link: _Link, upstream: Address) -> None:
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

    def forget(self, link: _Link) -> None:
        """Both ends are gone."""
        self._links.discard(link)


class _Link:
    """One connection through the proxy: ``near`` is who dialled us, ``far`` whom we dialled."""

    def __init__(self, proxy: Proxy) -> None:
        self.proxy = proxy
        self.is_dead = False
        """Whatever either end still sends is lost, and neither is told."""
        self._draw = proxy.random.random()
        self.near, self.far = _End(self), _End(self)
        self.near.other, self.far.other = self.far, self.near

    @property
    def is_affected(self) -> bool:
        return self._draw < self.proxy.weather.share

    @property
    def weather(self) -> Weather:
        return self.proxy.weather if self.is_affected else CALM

    def weather_changed(self) -> None:
        if self.weather.swallowing:
            self.is_dead = True
        for end in (self.near, self.far):
            end.weather_changed(self.weather)

    def reset(self) -> None:
        for end in (self.near, self.far):
            end.reset()
        self.proxy.forget(self)

    def lost(self) -> None:
        """One end is gone: the other is told, once it was handed what was on its way. Over a dead link it never is."""
        for end in (self.near, self.far):
            if not end.is_gone and not self.is_dead:
                end.finish()
        if self.near.is_gone and (self.far.is_gone or (self.is_dead and not self.far.was_made)):
            self.proxy.forget(self)


class _End(asyncio.Protocol):
    """One end's socket, and what is on its way to it."""

    def __init__(self, link: _Link) -> None:
        self._link = link
        self.other: _End
        self.is_gone = False
        self._transport: asyncio.Transport | None = None
        self._queue: deque[tuple[float, bytes]] = deque()
        self._queued = 0
        self._due = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._holds: set[str] = set()
        self._finishing = False
        self._answers: Answers | None = None

    @property
    def was_made(self) -> bool:
        return self._transport is not None

    # --- asyncio.Protocol -----------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self.hold("stalled", self._link.weather.stalled)
        self._apply_holds()
        self.flush()

    def data_received(self, data: bytes) -> None:
        self.other.send(data)

    def connection_lost(self, error: Exception | None) -> None:
        self.is_gone = True
        self._drop_queue()
        self._link.lost()

    def pause_writing(self) -> None:
        self.other.hold("unread", True)

    def resume_writing(self) -> None:
        self.other.hold("unread", False)

    # --- out to this end ------------------------------------------------------------------------------------------

    def send(self, data: bytes) -> None:
        """Hand these bytes on as the weather says."""
        if self._link.is_dead or self.is_gone:
            return
        data = self._unmuted(data)
        weather = self._link.weather
        if self._transport is not None and not self._queue and not _delays(weather):
            self._transport.write(data)
            return
        for piece in _pieces(data, weather.piece, self._link.proxy.random):
            self._queue.append((self._due_of(piece, weather), piece))
            self._queued += len(piece)
        self.other.hold("queued", self._queued > HELD)
        self.flush()

    def _due_of(self, piece: bytes, weather: Weather) -> float:
        now = asyncio.get_running_loop().time()
        self._due = max(self._due, now + weather.latency_s + self._link.proxy.random.random() * weather.jitter_s)
        if weather.bytes_per_s:
            self._due += len(piece) / weather.bytes_per_s
        return self._due

    def _unmuted(self, data: bytes) -> bytes:
        """``data`` without pushes, while it is mute. The stream is followed from a subscriber's first command on."""
        if self is self._link.far:
            if self._link.near._answers is None and b"SUBSCRIBE" in data[:256]:
                self._link.near._answers = Answers()
            return data
        if self._answers is None:
            return data
        whole = self._answers.whole(data)
        return b"".join(answer for answer in whole if not (self._link.weather.mute and is_push(answer)))

    def weather_changed(self, weather: Weather) -> None:
        """What was held back by the weather before is not held back by calm."""
        self.hold("stalled", weather.stalled)
        if not _delays(weather):
            self._due = 0.0
            self._queue = deque((0.0, piece) for _, piece in self._queue)
        self.flush()

    def flush(self) -> None:
        """Write what is due, and come back for the rest."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._transport is None or self.is_gone or self._link.weather.stalled:
            return
        loop = asyncio.get_running_loop()
        while self._queue and self._queue[0][0] <= loop.time():
            _, piece = self._queue.popleft()
            self._queued -= len(piece)
            self._transport.write(piece)
        self.other.hold("queued", self._queued > HELD)
        if self._queue:
            self._timer = loop.call_at(self._queue[0][0], self.flush)
        elif self._finishing:
            self._transport.close()

    def finish(self) -> None:
        """Close after what is on its way."""
        self._finishing = True
        self.flush()

    def reset(self) -> None:
        """Close with a reset, at once."""
        self._drop_queue()
        if self._transport is not None and not self.is_gone:
            self._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RST_ON_CLOSE)
            self._transport.abort()
        self.is_gone = True

    def _drop_queue(self) -> None:
        self._queue.clear()
        self._queued = 0
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    # --- in from this end -----------------------------------------------------------------------------------------

    def hold(self, why: str, holds: bool) -> None:
        """Stop reading from this end as long as there is a reason."""
        before = bool(self._holds)
        (self._holds.add if holds else self._holds.discard)(why)
        if bool(self._holds) != before:
            self._apply_holds()

    def _apply_holds(self) -> None:
        if self._transport is None or self.is_gone or self._transport.is_closing():
            return
        if self._holds:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()


def _delays(weather: Weather) -> bool:
    return bool(weather.latency_s or weather.jitter_s or weather.bytes_per_s or weather.piece or weather.stalled)


def _pieces(data: bytes, most: int, random: Random) -> list[bytes]:
    if not most:
        return [data]
    pieces, start = [], 0
    while start < len(data):
        end = start + random.randint(1, most)
        pieces.append(data[start:end])
        start = end
    return pieces
