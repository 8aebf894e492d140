"""Somebody who only reads: a WebSocket and the codec, nothing else. What comes is kept as it came.

It reconnects, as its connections are struck like everybody's, tells its positions, beats, and never asks again for what
a connection left out: that is for the judge to see (``strand``).
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Iterator
from types import TracebackType
from uuid import UUID

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.typing import Subprotocol

from chat.protocol.catalogue import Then
from chat.protocol.codec import MSGPACK, SERVER_FRAME_BYTES
from chat.protocol.frames import (
    Beat,
    Goodbye,
    Hello,
    HelloAgent,
    Message,
    Refused,
    ServerFrame,
    Snapshot,
    Tops,
    Watch,
    Welcome,
    WelcomeAgent,
)
from gateway.client import line
from tests.chaos.history import History
from tests.chaos.strand import Strand
from tests.gateway.house import FIREFOX

AGAIN_S = 0.1
"""Between tries to connect."""

Greet = Callable[[dict[UUID, int]], Awaitable[Hello | HelloAgent]]
"""The first frame, for these positions. Raises ConnectionError when there is none now."""


class Watcher:
    """Watches within ``async with``, whatever becomes of its connections."""

    def __init__(self, name: str, url: str, greet: Greet, strands: list[Strand], positions: dict[UUID, int]) -> None:
        """Each connection that is welcomed is added to ``strands``. A visitor's ``positions`` name its conversation."""
        self.name = name
        self.positions = positions
        """The highest number that came of each conversation."""
        self.arrived: dict[tuple[UUID, int], float] = {}
        """When each number came first, in monotonic seconds."""
        self._since: dict[UUID, float] = dict.fromkeys(positions, time.monotonic())
        self._url = url
        self._greet = greet
        self._strands = strands
        self._news = asyncio.Event()
        self._refs: dict[int, UUID] = {}
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Watcher:
        self._task = asyncio.create_task(self._stay())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._task is not None
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    def watch(self, conversation: UUID) -> None:
        """From its first message on."""
        self.positions.setdefault(conversation, 0)
        self._since.setdefault(conversation, time.monotonic())
        self._news.set()

    def lateness(self, history: History) -> Iterator[float]:
        """How long after its acceptance each message came, of those that were accepted while this watched; seconds."""
        for sent in history.accepted:
            came = self.arrived.get((sent.conversation, sent.seq))
            if came is not None and sent.accepted_at > self._since[sent.conversation]:
                yield came - sent.accepted_at

    async def _stay(self) -> None:
        while True:
            with contextlib.suppress(OSError, InvalidHandshake, ConnectionClosed):
                await self._connected()
            await asyncio.sleep(AGAIN_S)

    async def _connected(self) -> None:
        strand = Strand(self.name)
        async with connect(
            self._url, subprotocols=[Subprotocol(MSGPACK.subprotocol)], compression=None, user_agent_header=FIREFOX,
            max_size=SERVER_FRAME_BYTES, ping_interval=None, open_timeout=5, close_timeout=1, proxy=None,
        ) as socket:  # fmt: skip
            try:
                strand.asked = dict(self.positions)
                await socket.send(MSGPACK.encode(await self._greet(strand.asked)))
                await self._listen(socket, strand)
            except TimeoutError:
                strand.end = "silence"
            except ConnectionClosed as closed:
                strand.end = strand.end or (str(closed.rcvd.code) if closed.rcvd else "cut")
            strand.is_open = False

    async def _listen(self, socket: ClientConnection, strand: Strand) -> None:
        speaking: asyncio.Task[None] | None = None
        try:
            while True:
                async with asyncio.timeout(line.SILENCE_S):
                    data = await socket.recv()
                assert isinstance(data, bytes)
                frame = MSGPACK.decode_server(data)
                if isinstance(frame, Welcome | WelcomeAgent):
                    self._strands.append(strand)
                    speaking = asyncio.create_task(self._speak(socket, strand, frame.heartbeat_ms / 1000))
                self._heard(frame, strand)
        finally:
            if speaking:
                speaking.cancel()

    async def _speak(self, socket: ClientConnection, strand: Strand, every_s: float) -> None:
        """Ask for what is new, and beat."""
        with contextlib.suppress(ConnectionClosed):
            while True:
                for conversation in self.positions.keys() - strand.asked.keys():
                    strand.asked[conversation] = position = self.positions[conversation]
                    ref = len(self._refs) + 2
                    self._refs[ref] = conversation
                    await socket.send(MSGPACK.encode(Watch(ref, conversation, position)))
                await socket.send(MSGPACK.encode(Beat(0, list(self.positions.items()))))
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(every_s):
                        await self._news.wait()
                self._news.clear()

    def _heard(self, frame: ServerFrame, strand: Strand) -> None:
        match frame:
            case Message():
                strand.frames.append(frame)
                self._came(frame.conversation, frame.message.seq)
            case Snapshot():
                strand.frames.append(frame)
                for message in frame.messages:
                    self._came(frame.conversation.conversation, message.seq)
            case Tops():
                strand.frames.append(frame)
            case Goodbye():
                strand.end = str(frame.code)
            case Refused(then=Then.RETRY):
                self._ask_again(strand, self._refs[frame.ref], frame.retry_after_ms or 1000)
            case _:
                pass

    def _came(self, conversation: UUID, seq: int) -> None:
        self.positions[conversation] = max(seq, self.positions.get(conversation, 0))
        self.arrived.setdefault((conversation, seq), time.monotonic())

    def _ask_again(self, strand: Strand, conversation: UUID, after_ms: int) -> None:
        def again() -> None:
            strand.asked.pop(conversation, None)
            self._news.set()

        asyncio.get_running_loop().call_later(after_ms / 1000, again)
