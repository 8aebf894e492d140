"""A connection that comes back."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.typing import Origin, Subprotocol

from chat.protocol.catalogue import Then
from chat.protocol.codec import CODECS, SERVER_FRAME_BYTES, BadFrame
from chat.protocol.frames import Beat, ClientFrame, Goodbye, ServerFrame, Welcome, WelcomeAgent
from gateway.client.failures import Closed

SILENCE_S = 20.0
"""A server that said nothing for so long is gone: it answers each heartbeat, and those come every 15 s."""
STEADY_S = 10.0
"""A connection that held so long was a good one: after it the waits begin anew."""
FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 20.0
"""Before another try: doubled with each, up to the longest."""
FOR_GOOD = 4500
"""From this code on a closure means: stay away."""


@dataclass(frozen=True, slots=True)
class Peer:
    """Whom the line serves."""

    greeting: Callable[[], Awaitable[ClientFrame]]
    """The first frame, made anew for every connection."""
    received: Callable[[ServerFrame], Awaitable[None]]
    """Given every frame, in order; the next one waits for it."""
    beat: Callable[[], Beat]
    """The next heartbeat."""
    lost: Callable[[], None]
    """Told of the end of each connection, also of one that never was greeted."""


class Line:
    """Dials, greets, listens and beats; after a loss it waits and does so again."""

    def __init__(self, url: str, subprotocol: str, origin: str | None, user_agent: str, peer: Peer) -> None:
        self._url = url
        self._codec = CODECS[subprotocol]
        self._origin = Origin(origin) if origin else None
        self._user_agent = user_agent
        self._peer = peer
        self._socket: ClientConnection | None = None
        self._told_wait_s: float | None = None

    async def stay_connected(self) -> None:
        """Runs until cancelled. Raises Closed when the server hangs up for good, and what ``greeting`` raises."""
        tries = 0
        while True:
            began = time.monotonic()
            with contextlib.suppress(OSError, InvalidHandshake, ConnectionClosed, BadFrame):
                await self._connected()
            tries = 0 if time.monotonic() - began > STEADY_S else tries
            await asyncio.sleep(self._wait(tries))
            tries += 1

    def _wait(self, tries: int) -> float:
        """Full jitter from the first try: a crowd that lost its server does not come back as a crowd."""
        told, self._told_wait_s = self._told_wait_s, None
        if told is not None:
            return told
        most = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** min(tries, 10))
        return random.random() * most  # noqa: S311 - spreads load, protects nothing

    async def _connected(self) -> None:
        async with connect(
            self._url, subprotocols=[Subprotocol(self._codec.subprotocol)], origin=self._origin, compression=None,
            user_agent_header=self._user_agent, max_size=SERVER_FRAME_BYTES, ping_interval=None, open_timeout=5,
            close_timeout=1, proxy=None,
        ) as socket:  # fmt: skip
            try:
                await socket.send(self._encoded(await self._peer.greeting()))
                self._socket = socket  # not before: who sends anything ahead of the greeting is hung up on for good
                await self._listen(socket)
            except ConnectionClosed as closed:
                if closed.rcvd and closed.rcvd.code >= FOR_GOOD:
                    raise Closed(closed.rcvd.code, closed.rcvd.reason) from closed
            finally:
                self._socket = None
                self._peer.lost()

    async def _listen(self, socket: ClientConnection) -> None:
        beats: asyncio.Task[None] | None = None
        try:
            while True:
                async with asyncio.timeout(SILENCE_S):
                    data = await socket.recv()
                frame = self._codec.decode_server(data.encode() if isinstance(data, str) else data)
                if isinstance(frame, Welcome | WelcomeAgent) and beats is None:
                    beats = asyncio.create_task(self._beat(frame.heartbeat_ms / 1000))
                elif isinstance(frame, Goodbye):
                    self._told_wait_s = frame.after_ms / 1000 if frame.then == Then.RESUME and frame.after_ms else None
                await self._peer.received(frame)
        finally:
            if beats:
                beats.cancel()

    async def _beat(self, every_s: float) -> None:
        wait = random.random() * every_s  # noqa: S311 - spreads load, protects nothing
        while True:
            await asyncio.sleep(wait)
            with contextlib.suppress(ConnectionError):
                await self.send(self._peer.beat())
            wait = every_s

    async def send(self, frame: ClientFrame) -> None:
        """Write a frame. Raises ConnectionError while there is no connection."""
        if self._socket is None:
            raise ConnectionError("there is no connection at this moment")
        try:
            await self._socket.send(self._encoded(frame))
        except ConnectionClosed as closed:
            raise ConnectionError("the connection was lost") from closed

    def _encoded(self, frame: ClientFrame) -> bytes | str:
        data = self._codec.encode(frame)
        return data.decode() if self._codec.is_text else data

    async def drop(self) -> None:
        """Hang up, to come back with another greeting."""
        if self._socket is not None:
            await self._socket.close()
