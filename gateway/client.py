"""A small asynchronous client of the wire, for both roles. PROTOCOL.md says what it may rely on.

    async with visitor(gateway_url, site="demo") as chat:
        await chat.post(chat.conversation, "Hello")
        async for frame in chat:
            ...

It keeps what PROTOCOL.md asks of clients: posts wait in an outbox with their client ids until they are accepted,
through any number of reconnects; each message is yielded once, in order; gaps are asked for; heartbeats are sent.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any
from uuid import UUID

from msgspec import structs
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.typing import Origin, Subprotocol

from chat.clock import SystemClock, new_id
from chat.protocol.catalogue import Then
from chat.protocol.codec import CODECS, MSGPACK, SERVER_FRAME_BYTES, BadFrame
from chat.protocol.frames import (
    Accepted,
    Beat,
    ClientFrame,
    Conduct,
    Goodbye,
    Hello,
    HelloAgent,
    Message,
    MessageView,
    Page,
    Post,
    Refused,
    ServerFrame,
    Snapshot,
    Tops,
    Watch,
    Welcome,
    WelcomeAgent,
)

SILENCE_S = 20.0
ANSWER_S = 15.0
"""How long an answer other than to a post is waited for. Posts wait until they are accepted or refused for good."""
NOWHERE = UUID(int=0)
YIELDED = 10_000
"""Frames that wait for the reader of this client. One that is further behind loses the oldest; ``History`` has them."""


class Closed(Exception):
    """The server hung up for good, or the client was closed. ``code`` is a closure of the catalogue, or 0."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"{code} {text}")
        self.code = code


class NotCarriedOut(Exception):
    """The server refused a question. ``refused`` says why, and what to do."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.text)
        self.refused = refused


@dataclass(slots=True)
class _Waiting:
    """A question without its answer yet."""

    frame: ClientFrame
    answer: asyncio.Future[ServerFrame]


@dataclass
class Client:
    """A connection that comes back. Made by ``visitor`` and ``agent``; use it as an async context manager."""

    url: str
    greet: Callable[[Client], Awaitable[Hello | HelloAgent]]
    subprotocol: str = MSGPACK.subprotocol
    origin: str | None = None
    user_agent: str = "aican-client"
    welcome: Welcome | WelcomeAgent | None = None
    token: str | None = None
    conversation: UUID = NOWHERE
    """A visitor's conversation: the open one, or the next one's id."""
    positions: dict[UUID, int] = field(default_factory=dict)
    """The highest number held of each conversation."""
    connects: int = 0
    """How often a welcome came."""

    def __post_init__(self) -> None:
        self._codec = CODECS[self.subprotocol]
        self._socket: ClientConnection | None = None
        self._refs = 0
        self._asked: dict[int, _Waiting] = {}
        self._outbox: dict[UUID, _Waiting] = {}
        self._yielded: asyncio.Queue[ServerFrame | None] = asyncio.Queue()
        self._ready = asyncio.Event()
        self._closed: Closed | None = None
        self._task: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._heard_at = 0.0
        self._wait_s: float | None = None

    # --- life -----------------------------------------------------------------------------------------------------

    async def __aenter__(self) -> Client:
        self._task = asyncio.create_task(self._stay_connected())
        ready = asyncio.create_task(self._ready.wait())
        await asyncio.wait({ready, self._task}, return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        if self._closed is not None:
            raise self._closed
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Hang up, for good. What was not accepted is not sent any more."""
        self._end(Closed(0, "closed by the client"))
        for task in [self._task, *self._tasks]:
            if task is not None:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task

    async def _stay_connected(self) -> None:
        tries = 0
        while self._closed is None:
            stable_since = time.monotonic()
            with contextlib.suppress(OSError, TimeoutError, InvalidHandshake, ConnectionClosed, BadFrame):
                await self._connected()
            if time.monotonic() - stable_since > 10:
                tries = 0
            if self._closed is None:
                await asyncio.sleep(self._backoff(tries))
            tries += 1

    def _backoff(self, tries: int) -> float:
        """Full jitter from the first try: a crowd that lost its server does not come back as a crowd."""
        told, self._wait_s = self._wait_s, None
        if told is not None:
            return told
        return random.random() * min(20.0, 0.5 * 2.0 ** (tries + 1))  # noqa: S311 - spreads load, protects nothing

    async def _connected(self) -> None:
        origin = Origin(self.origin) if self.origin else None
        async with connect(
            self.url, subprotocols=[Subprotocol(self.subprotocol)], origin=origin, compression=None,
            user_agent_header=self.user_agent, max_size=SERVER_FRAME_BYTES, ping_interval=None, open_timeout=5,
            close_timeout=1, proxy=None,
        ) as socket:  # fmt: skip
            self._socket = socket
            try:
                await self._send(await self.greet(self))
                await self._listen(socket)
            except ConnectionClosed as closed:
                code = closed.rcvd.code if closed.rcvd else 0
                if code >= 4500:
                    self._end(Closed(code, closed.rcvd.reason if closed.rcvd else ""))
            finally:
                self._socket = None
                self._unanswered()

    async def _listen(self, socket: ClientConnection) -> None:
        beats: asyncio.Task[None] | None = None
        try:
            while True:
                async with asyncio.timeout(SILENCE_S):
                    data = await socket.recv()
                frame = self._codec.decode_server(data.encode() if isinstance(data, str) else data)
                if isinstance(frame, Welcome | WelcomeAgent):
                    beats = asyncio.create_task(self._beat(frame.heartbeat_ms / 1000))
                await self._received(frame)
        finally:
            if beats:
                beats.cancel()

    async def _beat(self, every_s: float) -> None:
        wait = random.random() * every_s  # noqa: S311 - spreads load, protects nothing
        while True:
            await asyncio.sleep(wait)
            with contextlib.suppress(ConnectionClosed):
                await self._send(Beat(0, list(self.positions.items())[:64]))
            wait = every_s

    def _end(self, closed: Closed) -> None:
        if self._closed is None:
            self._closed = closed
            self._yielded.put_nowait(None)
        for waiting in [*self._asked.values(), *self._outbox.values()]:
            if not waiting.answer.done():
                waiting.answer.set_exception(self._closed)
                waiting.answer.exception()  # whoever still waits is told; nobody has to

    def _unanswered(self) -> None:
        for ref, waiting in list(self._asked.items()):
            if not isinstance(waiting.frame, Post):
                del self._asked[ref]
                if not waiting.answer.done():
                    waiting.answer.set_exception(ConnectionError("the connection was lost; ask again"))

    # --- in -------------------------------------------------------------------------------------------------------

    async def _received(self, frame: ServerFrame) -> None:
        match frame:
            case Welcome() | WelcomeAgent():
                await self._welcomed(frame)
            case Message():
                return await self._message(frame)
            case Snapshot():
                self._snapshot(frame)
            case Tops():
                await self._compare(frame)
            case Goodbye():
                self._wait_s = frame.after_ms / 1000 if frame.then == Then.RESUME and frame.after_ms else None
            case _:
                pass
        self._answered(frame)
        self._yield(frame)
        return None

    async def _welcomed(self, welcome: Welcome | WelcomeAgent) -> None:
        self.welcome = welcome
        if isinstance(welcome, Welcome):
            self.token, self.conversation = welcome.token, welcome.conversation
        self.connects += 1
        self._ready.set()
        for waiting in list(self._outbox.values()):
            await self._send(waiting.frame)

    async def _message(self, frame: Message) -> None:
        has = self.positions.get(frame.conversation, 0)
        if frame.message.seq <= has:
            return
        if frame.message.seq > has + 1:
            await self._ask_again(frame.conversation, has)
            return
        self.positions[frame.conversation] = frame.message.seq
        self._yield(frame)

    async def _ask_again(self, conversation: UUID, position: int) -> None:
        """Something was missed: agents watch anew, visitors greet anew."""
        if isinstance(self.welcome, WelcomeAgent):
            await self._send(Watch(0, conversation, position))
        elif self._socket:
            await self._socket.close()

    async def _compare(self, tops: Tops) -> None:
        for conversation, top in tops.positions:
            has = self.positions.get(conversation)
            if has is not None and top > has:
                await self._ask_again(conversation, has)

    def _snapshot(self, snapshot: Snapshot) -> None:
        conversation = snapshot.conversation.conversation
        has = self.positions.get(conversation, 0)
        for message in snapshot.messages:
            if message.seq > has and message.seq > self.positions.get(conversation, 0):
                self.positions[conversation] = message.seq
                self._yield(Message(0, conversation, message))
        self.positions.setdefault(conversation, 0)

    def _answered(self, frame: ServerFrame) -> None:
        waiting = self._asked.get(frame.ref) if frame.ref else None
        if waiting is None or waiting.answer.done():
            return
        if isinstance(frame, Refused) and frame.then == Then.RETRY and isinstance(waiting.frame, Post):
            self._later((frame.retry_after_ms or 1000) / 1000, waiting)
        elif isinstance(frame, Refused):
            waiting.answer.set_exception(NotCarriedOut(frame))
        else:
            waiting.answer.set_result(frame)

    def _later(self, wait_s: float, waiting: _Waiting) -> None:
        async def send() -> None:
            await asyncio.sleep(wait_s)
            if not waiting.answer.done():
                with contextlib.suppress(ConnectionClosed):
                    await self._send(waiting.frame)

        self._spawn(send())

    def _yield(self, frame: ServerFrame) -> None:
        if self._yielded.qsize() >= YIELDED:
            self._yielded.get_nowait()
        self._yielded.put_nowait(frame)

    # --- out ------------------------------------------------------------------------------------------------------

    async def post(self, conversation: UUID, text: str, *, client_id: UUID | None = None, decoy: str = "") -> Accepted:
        """Send a text; returns when it is in the record. Raises NotCarriedOut when it is refused for good, Closed."""
        client_id = client_id or new_id(SystemClock())
        elapsed_ms = 5_000  # a program does not type; what the server judges it measures itself
        frame = Post(self._next_ref(), conversation, client_id, text, Conduct(elapsed_ms, decoy))
        waiting = self._waiting(frame)
        self._outbox[client_id] = waiting
        try:
            with contextlib.suppress(ConnectionClosed):
                await self._send(frame)
            accepted = await waiting.answer
            assert isinstance(accepted, Accepted)
            return accepted
        finally:
            del self._outbox[client_id], self._asked[frame.ref]

    async def ask(self, frame: ClientFrame) -> ServerFrame:
        """Send a question and return its answer. Raises NotCarriedOut, Closed, TimeoutError, ConnectionError."""
        asked: ClientFrame = structs.replace(frame, ref=self._next_ref())
        waiting = self._waiting(asked)
        try:
            await self._send(asked)
            async with asyncio.timeout(ANSWER_S):
                return await waiting.answer
        except ConnectionClosed as closed:
            raise ConnectionError("the connection was lost; ask again") from closed
        finally:
            self._asked.pop(asked.ref, None)

    async def tell(self, frame: ClientFrame) -> None:
        """Send something that has no answer: typing, marks. Dropped while there is no connection."""
        with contextlib.suppress(ConnectionClosed):
            await self._send(frame)

    async def __aiter__(self) -> AsyncIterator[ServerFrame]:
        """Every frame that arrives; each message once and in order. Ends when the client is closed."""
        while (frame := await self._yielded.get()) is not None:
            yield frame

    async def messages(self) -> AsyncIterator[tuple[UUID, MessageView]]:
        """Every message once, in order within its conversation."""
        async for frame in self:
            if isinstance(frame, Message):
                yield frame.conversation, frame.message

    async def _send(self, frame: ClientFrame) -> None:
        socket = self._socket
        if socket is None:
            return  # greeted anew, the outbox is sent again
        data = self._codec.encode(frame)
        await socket.send(data.decode() if self._codec.is_text else data)

    def _next_ref(self) -> int:
        self._refs = self._refs % (2**32 - 1) + 1
        return self._refs

    def _waiting(self, frame: ClientFrame) -> _Waiting:
        if self._closed is not None:
            raise self._closed
        waiting = _Waiting(frame, asyncio.get_running_loop().create_future())
        self._asked[frame.ref] = waiting
        return waiting

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def visitor(url: str, site: str, *, page: Page | None = None, token: str | None = None, **options: Any) -> Client:
    """A visitor of ``site``. ``token`` is what an earlier client's ``token`` was: it is recognised by it."""

    async def greet(client: Client) -> Hello:
        position = client.positions.get(client.conversation, 0)
        known = client.conversation if client.connects else None
        return Hello(client._next_ref(), site, client.token, page or Page(), known, position)

    return Client(url, greet, token=token, **options)


def agent(url: str, ticket: Callable[[], Awaitable[str]], **options: Any) -> Client:
    """An agent. ``ticket`` is awaited for every connection: each ticket is good once."""

    async def greet(client: Client) -> HelloAgent:
        return HelloAgent(client._next_ref(), await ticket(), list(client.positions.items())[:64])

    return Client(url, greet, **options)
