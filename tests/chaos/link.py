"""A connection through the proxy: two sockets, and what is on its way between them, late, cut up, lost or held back."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections import deque
from collections.abc import Callable
from random import Random
from typing import cast

from tests.chaos.resp import Answers, is_push
from tests.chaos.weather import CALM, Weather

HELD = 64 * 1024
"""Bytes that a direction holds back; then its source is not read, so that a slow reader is felt by who writes."""
_CLOSE = b"\x88"
"""How a WebSocket's close begins that comes by itself (RFC 6455, section 5.2)."""
_RST_ON_CLOSE = struct.pack("ii", 1, 0)
"""``struct linger`` on, 0 s: close(2) then sends a reset instead of an end of stream (socket(7))."""


class Link:
    """One connection through a proxy: ``near`` is who dialled it, ``far`` whom it dialled."""

    def __init__(self, random: Random, weather: Weather, gone: Callable[[Link], None]) -> None:
        """``gone`` is called when both ends are."""
        self.random = random
        self.is_dead = False
        """Whatever either end still sends is lost, and neither is told."""
        self.silent_since = 0.0
        """When it was struck dead, in the loop's seconds."""
        self._draw = random.random()
        self._weather = weather
        self._gone = gone
        self.near, self.far = End(self), End(self)
        self.near.other, self.far.other = self.far, self.near

    @property
    def is_affected(self) -> bool:
        """Whether it is among those that have the weather."""
        return self._draw < self._weather.share

    @property
    def weather(self) -> Weather:
        """What holds for it now."""
        return self._weather if self.is_affected else CALM

    def die(self) -> bool:
        """Go silent for ever. False if that tells nothing of who notices: an end is gone, or it was dead before."""
        is_fresh = not self.is_dead and self.far.was_made and not self.near.is_gone and not self.far.is_gone
        self.is_dead, self.silent_since = True, asyncio.get_running_loop().time()
        return is_fresh

    def change(self, weather: Weather) -> None:
        """From now on it is like this."""
        self._weather = weather
        if self.weather.swallowing:
            self.is_dead = True
        for end in (self.near, self.far):
            end.weather_changed(self.weather)

    def reset(self) -> None:
        """Close both ends with a reset, at once."""
        for end in (self.near, self.far):
            end.reset()
        self._gone(self)

    def lost(self) -> None:
        """One end is gone: the other is told, once it was handed what was on its way. Over a dead link it never is."""
        for end in (self.near, self.far):
            if not end.is_gone and not self.is_dead:
                end.finish()
        if self.near.is_gone and (self.far.is_gone or (self.is_dead and not self.far.was_made)):
            self._gone(self)


class End(asyncio.Protocol):
    """One end's socket, and what is on its way to it."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self.other: End
        self.is_gone = False
        self.hung_up_at: float | None = None
        """When whoever is here ended it, or said so to a peer that does not hear it; in the loop's seconds."""
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
        if self._link.is_dead and data[:1] == _CLOSE and self.hung_up_at is None:
            self.hung_up_at = asyncio.get_running_loop().time()
        self.other.send(data)

    def connection_lost(self, error: Exception | None) -> None:
        if not self.is_gone and self.hung_up_at is None:
            self.hung_up_at = asyncio.get_running_loop().time()
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
        for piece in _pieces(data, weather.piece, self._link.random):
            self._queue.append((self._due_of(piece, weather), piece))
            self._queued += len(piece)
        self.other.hold("queued", self._queued > HELD)
        self.flush()

    def _due_of(self, piece: bytes, weather: Weather) -> float:
        now = asyncio.get_running_loop().time()
        self._due = max(self._due, now + weather.latency_s + self._link.random.random() * weather.jitter_s)
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
