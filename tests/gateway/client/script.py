"""A server whose answers a test writes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from uuid import UUID

from websockets.asyncio.server import ServerConnection, serve
from websockets.typing import Subprotocol

from chat.protocol.catalogue import Refusal
from chat.protocol.codec import MSGPACK
from chat.protocol.frames import (
    Accepted,
    ClientFrame,
    ConversationView,
    Hello,
    HelloAgent,
    Kind,
    Message,
    MessageView,
    Person,
    Post,
    Refused,
    Role,
    ServerFrame,
    SiteView,
    Snapshot,
    State,
    Welcome,
    WelcomeAgent,
)

HERE = UUID(int=7)
ME = Person(UUID(int=1), "Ada", "agent", True)


class Script:
    """A server whose answers a test writes."""

    def __init__(self) -> None:
        self.heard: list[ClientFrame] = []
        self.connections: list[ServerConnection] = []
        self.answer: Callable[[ClientFrame], Awaitable[None]] = self.accept
        self.heartbeat_ms = 15_000
        self.seq = 0

    @asynccontextmanager
    async def running(self, port: int) -> AsyncIterator[str]:
        offered = [Subprotocol(MSGPACK.subprotocol)]
        async with serve(self._serve, "127.0.0.1", port, subprotocols=offered, ping_interval=None):
            yield f"ws://127.0.0.1:{port}"

    async def _serve(self, connection: ServerConnection) -> None:
        self.connections.append(connection)
        async for data in connection:
            assert isinstance(data, bytes)
            frame = MSGPACK.decode_client(data)
            self.heard.append(frame)
            if isinstance(frame, Hello):
                site = SiteView("", "", "", "")
                await self.say(Welcome(frame.ref, UUID(int=2), "t", HERE, State.NEW, site, True, self.heartbeat_ms, 1))
            elif isinstance(frame, HelloAgent):
                await self.say(WelcomeAgent(frame.ref, ME, "w", self.heartbeat_ms, 1))
            else:
                await self.answer(frame)

    async def say(self, *frames: ServerFrame) -> None:
        for frame in frames:
            await self.connections[-1].send(MSGPACK.encode(frame))

    async def accept(self, frame: ClientFrame) -> None:
        if isinstance(frame, Post):
            self.seq += 1
            await self.say(Accepted(frame.ref, frame.conversation, frame.client_id, self.seq, 1))

    async def refuse(self, frame: ClientFrame, refusal: Refusal, retry_after_ms: int | None) -> None:
        await self.say(Refused(frame.ref, refusal.code, refusal.text, refusal.then.value, retry_after_ms, ""))

    def all(self, kind: type) -> list[ClientFrame]:
        return [frame for frame in self.heard if isinstance(frame, kind)]

    def posts(self) -> list[Post]:
        return [frame for frame in self.heard if isinstance(frame, Post)]


def message(seq: int) -> Message:
    return Message(0, HERE, MessageView(seq, UUID(int=seq), Kind.TEXT, Role.VISITOR, UUID(int=2), 1, str(seq)))


def snapshot(ref: int, *seqs: int, recovered: bool = True) -> Snapshot:
    view = ConversationView(HERE, "s", State.WAITING, 1, None, 1, None, None, max(seqs, default=0), None, None)
    return Snapshot(ref, view, [], [message(seq).message for seq in seqs], [], recovered, False)


async def a_ticket() -> str:
    return "ticket"
