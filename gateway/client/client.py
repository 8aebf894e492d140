"""One participant of conversations, whatever becomes of its connections."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from types import TracebackType
from uuid import UUID

from msgspec import structs

from chat.clock import SystemClock, new_id
from chat.protocol.catalogue import Then
from chat.protocol.codec import MSGPACK
from chat.protocol.frames import (
    TEXT_CHARACTERS,
    Accepted,
    Availability,
    Beat,
    Claim,
    ClientFrame,
    Conduct,
    Hello,
    HelloAgent,
    Message,
    MessageView,
    Post,
    ServerFrame,
    Snapshot,
    Tops,
    Watch,
    Welcome,
    WelcomeAgent,
)
from gateway.client.failures import Closed, NotCarriedOut, TooLong
from gateway.client.line import Line, Peer
from gateway.client.outbox import Outbox
from gateway.client.questions import Questions

ANSWER_S = 15.0
"""How long an answer is waited for. A post is then sent again."""
NOWHERE = UUID(int=0)
YIELDED = 10_000
"""Frames that wait for the reader of this client. While there are so many, no more are taken: answers still reach who
asked. Once half are read, the client connects anew and is sent what it missed, as after any loss."""
REMARKS = 1_000
"""Remarks, which have number 0 and come with each snapshot, that are known to have been yielded."""
HELD = 64
"""Positions in a greeting or a heartbeat."""
ELAPSED_MS = 5_000
"""What a post says of how long its writer took. A program does not type; what the server judges it measures itself."""


@dataclass
class Client:
    """Made by ``visitor`` and ``agent``; use it as an async context manager. Entering waits for the first welcome, for
    as long as there is no server; it raises Closed when the server does not want this client."""

    url: str
    greet: Callable[[Client, int], Awaitable[Hello | HelloAgent]]
    subprotocol: str = MSGPACK.subprotocol
    origin: str | None = None
    user_agent: str = "aican-client"
    welcome: Welcome | WelcomeAgent | None = None
    token: str | None = None
    conversation: UUID = NOWHERE
    """A visitor's conversation: the open one, or the next one's id."""
    positions: dict[UUID, int] = field(default_factory=dict)
    """The highest number held of each conversation."""
    available: bool = True
    """Whether an agent takes new conversations. What ``Availability`` changed holds over reconnects."""
    connects: int = 0
    """How often a welcome came."""

    def __post_init__(self) -> None:
        peer = Peer(self._greeting, self._received, lambda: Beat(0, self.held()), self._lost)
        self._line = Line(self.url, self.subprotocol, self.origin, self.user_agent, peer)
        self._questions = Questions()
        self._outbox = Outbox(self._post)
        self._yielded: asyncio.Queue[ServerFrame | None] = asyncio.Queue()
        self._is_full = False
        """The reader is too far behind: what comes is left for later, and no position passes it."""
        self._welcomed = asyncio.Event()
        self._ended: Exception | None = None
        self._run_task: asyncio.Task[None] | None = None
        self._catching_up: dict[UUID, asyncio.Task[None]] = {}
        self._remarks: dict[UUID, None] = {}

    # --- life -----------------------------------------------------------------------------------------------------

    async def __aenter__(self) -> Client:
        self._run_task = asyncio.create_task(self._run())
        welcomed = asyncio.create_task(self._welcomed.wait())
        try:
            await asyncio.wait({welcomed, self._run_task}, return_when=asyncio.FIRST_COMPLETED)
            if self._ended is not None:
                raise self._ended
        except BaseException:
            await self.close()
            raise
        finally:
            welcomed.cancel()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Hang up, for good. What was not accepted is not sent any more."""
        await self._end(Closed(0, "closed by the client"))
        for task in [self._run_task, *self._catching_up.values()]:
            if task is not None:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task

    async def _run(self) -> None:
        try:
            await self._line.stay_connected()
        except Exception as error:  # kept, and raised from whatever is called next
            await self._end(error)

    async def _end(self, error: Exception) -> None:
        if self._ended is None:
            self._ended = error
            self._yielded.put_nowait(None)
            self._questions.fail(error)
            await self._outbox.close(error)

    async def _greeting(self) -> ClientFrame:
        return await self.greet(self, self._questions.next_ref())

    def _lost(self) -> None:
        self._welcomed.clear()
        self._questions.fail(ConnectionError("the connection was lost; ask again"))

    def held(self) -> list[tuple[UUID, int]]:
        """Positions as greetings and heartbeats carry them: those of the conversations that spoke last."""
        return list(self.positions.items())[-HELD:]

    # --- in -------------------------------------------------------------------------------------------------------

    async def _received(self, frame: ServerFrame) -> None:
        match frame:
            case Message():
                return await self._message(frame)
            case Welcome() | WelcomeAgent():
                self._take(frame)
            case Snapshot():
                self._snapshot(frame)
            case Tops():
                await self._compare(frame)
            case _:
                pass
        self._questions.answered(frame)
        if not self._is_full:
            self._yield(frame)
        return None

    def _take(self, welcome: Welcome | WelcomeAgent) -> None:
        self.welcome = welcome
        if isinstance(welcome, Welcome):
            self.token, self.conversation = welcome.token, welcome.conversation
        self.connects += 1
        self._welcomed.set()

    async def _message(self, frame: Message) -> None:
        if self._is_full:
            return
        has = self.positions.get(frame.conversation, 0)
        if frame.message.seq == has + 1:
            self._show(frame)
        elif frame.message.seq > has:
            await self._catch_up(frame.conversation)

    def _show(self, frame: Message) -> None:
        self.positions.pop(frame.conversation, None)  # so that the last one to speak stands last
        self.positions[frame.conversation] = frame.message.seq
        self._yield(frame)

    async def _catch_up(self, conversation: UUID) -> None:
        """Something was missed: visitors greet anew, agents watch anew, once until it is answered."""
        if isinstance(self.welcome, Welcome):
            await self._line.drop()
        elif conversation not in self._catching_up:
            task = self._catching_up[conversation] = asyncio.create_task(self._watch(conversation))
            task.add_done_callback(lambda _: self._catching_up.pop(conversation, None))

    async def _watch(self, conversation: UUID) -> None:
        # Where the connection is lost, the next greeting carries the position.
        with contextlib.suppress(ConnectionError, TimeoutError, Closed):
            while True:
                try:
                    await self.ask(Watch(0, conversation, self.positions.get(conversation, 0)))
                    return
                except NotCarriedOut as refusal:
                    if refusal.refused.then != Then.RETRY:
                        return
                    await asyncio.sleep((refusal.refused.retry_after_ms or 1000) / 1000)

    async def _compare(self, tops: Tops) -> None:
        if self._is_full:
            return
        for conversation, top in tops.positions:
            if top > self.positions.get(conversation, top):
                await self._catch_up(conversation)

    def _snapshot(self, snapshot: Snapshot) -> None:
        conversation = snapshot.conversation.conversation
        self.positions.setdefault(conversation, 0)
        if self._is_full:
            return
        for message in snapshot.messages:
            if message.seq > self.positions[conversation]:
                self._show(Message(0, conversation, message))
            elif message.seq == 0 and message.client_id not in self._remarks:
                self._remarks[message.client_id] = None
                if len(self._remarks) > REMARKS:
                    del self._remarks[next(iter(self._remarks))]
                self._yield(Message(0, conversation, message))

    def _yield(self, frame: ServerFrame) -> None:
        self._yielded.put_nowait(frame)
        self._is_full = self._yielded.qsize() >= YIELDED

    # --- out ------------------------------------------------------------------------------------------------------

    async def post(self, conversation: UUID, text: str, *, client_id: UUID | None = None, decoy: str = "") -> Accepted:
        """Send a text; returns when it is in the record. Raises NotCarriedOut when it is refused for good, TooLong
        above TEXT_CHARACTERS characters, Closed."""
        if len(text) > TEXT_CHARACTERS:
            raise TooLong(len(text))
        if self._ended is not None:
            raise self._ended
        client_id = client_id or new_id(SystemClock())
        return await self._outbox.deliver(Post(0, conversation, client_id, text, Conduct(ELAPSED_MS, decoy)))

    async def _post(self, frame: Post) -> ServerFrame:
        await self._welcomed.wait()
        return await self.ask(frame)

    async def ask(self, frame: ClientFrame) -> ServerFrame:
        """Send a question; its answer. Raises NotCarriedOut, TimeoutError (15 s), ConnectionError; Closed for good."""
        if self._ended is not None:
            raise self._ended
        asked: ClientFrame = structs.replace(frame, ref=self._questions.next_ref())
        answer = await self._questions.ask(asked.ref, self._line.send(asked), within_s=ANSWER_S)
        if isinstance(frame, Claim):
            # Followed from here on, also when the connection is lost before the snapshot comes.
            self.positions.setdefault(frame.conversation, 0)
        elif isinstance(frame, Availability):
            self.available = frame.available
        return answer

    async def tell(self, frame: ClientFrame) -> None:
        """Send something that has no answer: typing, marks. Dropped while there is no connection."""
        with contextlib.suppress(ConnectionError):
            await self._line.send(frame)

    async def __aiter__(self) -> AsyncIterator[ServerFrame]:
        """Every frame that is taken; each message once and in order. A ``Snapshot`` that is not ``recovered`` says that
        there are messages before it which are not among them: ``History`` has those. Ends when the client is closed;
        raises what ended it otherwise."""
        while (frame := await self._yielded.get()) is not None:
            if self._is_full and self._yielded.qsize() <= YIELDED // 2:
                self._is_full = False
                await self._line.drop()
            yield frame
        self._yielded.put_nowait(None)  # for whoever else looks
        if not isinstance(self._ended, Closed):
            raise self._ended or AssertionError("ended without a reason")

    async def messages(self) -> AsyncIterator[tuple[UUID, MessageView]]:
        """Every message once, in order within its conversation; with number 0 what was renumbered to no number. Where
        numbers are left out, more was missed than one snapshot holds; see ``__aiter__``."""
        async for frame in self:
            if isinstance(frame, Message):
                yield frame.conversation, frame.message
