"""What visitors and agents have in common: they write, mark, type and read in conversations that they follow."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from uuid import UUID

from chat.budgets.gcra import Budget, FairBudget
from chat.budgets.rates import HISTORY, MESSAGES, TYPING
from chat.conversations.service import may_post
from chat.conversations.views import marks_view
from chat.errors import Forbidden, NotFound
from chat.ids import ClientId, ConversationId, Seq
from chat.model import Actor, Admitted, Conversation, Draft, Kind, MessageView, ReadMarks, Stored
from chat.protocol.catalogue import LIMITED, NOT_ALLOWED, UNKNOWN, Refusal
from chat.protocol.facts import Marked, Typed, conversation_topic, encode_fact
from chat.protocol.frames import (
    Accepted,
    Beat,
    ClientFrame,
    ConversationView,
    Done,
    End,
    History,
    Mark,
    Post,
    Snapshot,
    Tops,
    Typing,
)
from gateway.socket.connection import Connection
from gateway.socket.feed import Feed
from gateway.socket.outgoing import Outgoing
from gateway.socket.shared import Shared

LATEST = 100
"""Messages in a fresh snapshot, and in a page of history: a few screens."""


class Party(ABC):
    """Somebody who said who they are. Follows feeds; is shown what they show."""

    __slots__ = (
        "_marked", "_messages", "_reads", "_typing", "actor", "connection", "feeds", "parts", "shared", "who",
    )  # fmt: skip

    def __init__(self, shared: Shared, connection: Connection, actor: Actor, who: UUID) -> None:
        self.shared = shared
        self.parts = shared.parts
        self.connection = connection
        self.actor = actor
        self.who = who
        self.feeds: dict[ConversationId, Feed] = {}
        self._messages = FairBudget(MESSAGES[actor.role])
        self._typing: Budget | None = None  # full until it is first used: most peers never do
        self._reads: Budget | None = None
        self._marked: dict[ConversationId, tuple[int, int]] = {}

    def offer(self, outgoing: Outgoing) -> None:
        """Be shown something."""
        self.connection.offer(outgoing)

    def left(self) -> None:
        """The connection is gone."""
        for feed in self.feeds.values():
            self.shared.feeds.unfollow(feed, self)
        self.feeds.clear()

    def beat(self, frame: Beat) -> None:
        """Answer with the highest numbers of what this peer follows; who holds less asks again."""
        tops = [(id_, self.feeds[ConversationId(id_)].top) for id_, _ in frame.positions if id_ in self.feeds]
        self.connection.send(Tops(frame.ref, [(id_, int(top)) for id_, top in tops]))

    # --- following ----------------------------------------------------------------------------------------------

    async def follow(self, ref: int, feed: Feed, position: int, *, record: Conversation) -> None:
        """Send what is missing after ``position``, then everything that comes. Nothing falls between."""
        await self.connection.room()
        marks = await self.parts.marks.of(feed.id)
        if position > feed.top:
            await feed.catch_up()  # the peer has seen more on another gateway
        messages = await feed.after(Seq(position)) if 0 < position <= feed.top else None
        recovered = messages is not None
        if messages is None:
            messages = await feed.latest(LATEST)
        start = position if recovered else feed.top - len(messages)
        while True:
            snapshot = await self._snapshot(ref, feed, record, messages, marks, recovered=recovered)
            has = Seq(messages[-1].seq if messages else start)
            if has >= feed.top:
                break
            # Making the snapshot awaited: what was shown to others meanwhile belongs to it.
            more = await feed.after(has)
            if more is None:
                return await self.follow(ref, feed, 0, record=record)
            messages = messages + more
        self.connection.answer(snapshot)
        return self.show_from(feed, has)

    def show_from(self, feed: Feed, seq: Seq) -> None:
        """Be shown everything above ``seq`` from now on."""
        if self.connection.is_open:
            self.feeds[feed.id] = feed
            self.shared.feeds.follow(feed, self, seq)

    async def _snapshot(
        self,
        ref: int,
        feed: Feed,
        record: Conversation,
        messages: Sequence[MessageView],
        marks: Sequence[ReadMarks],
        *,
        recovered: bool,
    ) -> Snapshot:
        record = feed.record or record
        return Snapshot(
            ref=ref,
            conversation=await self.view(record, feed.top),
            people=await self.parts.views.authors(record, messages),
            messages=list(messages),
            marks=marks_view(marks),
            recovered=recovered,
            more=not recovered and bool(messages) and messages[0].seq > 1,
        )

    @abstractmethod
    async def view(self, record: Conversation, top: Seq) -> ConversationView:
        """The conversation as this peer may see it."""

    async def handle(self, frame: ClientFrame) -> None:
        """Carry out one frame; refusals go to the peer. Raises Unavailable."""
        try:
            await self._dispatch(frame)
        except NotFound:
            self.refuse(frame.ref, UNKNOWN)
        except Forbidden:
            self.refuse(frame.ref, NOT_ALLOWED)

    async def _dispatch(self, frame: ClientFrame) -> None:
        match frame:
            case Post():
                await self.post(frame)
            case Typing():
                await self.typing(frame)
            case Mark():
                await self.mark(frame)
            case History():
                await self.history(frame)
            case End():
                await self.end(frame)
            case _:
                await self.handle_own(frame)

    @abstractmethod
    async def post(self, frame: Post) -> None:
        """Deliver a text, or say why not."""

    @abstractmethod
    async def handle_own(self, frame: ClientFrame) -> None:
        """Carry out a frame that only this kind of peer sends."""

    # --- frames that both send ------------------------------------------------------------------------------------

    async def send_draft(self, frame: Post, feed: Feed, record: Conversation, admitted: Admitted) -> bool:
        """Deliver what was admitted and answer the sender; True when it is in the record."""
        outcome = await self.parts.delivery.deliver(record, admitted, floor=feed.floor)
        if isinstance(outcome, Stored):
            feed.stored(outcome.sealed.seq)
            self.accept(frame, outcome)
            return True
        self.refuse(frame.ref, outcome)
        return False

    def accept(self, frame: Post, stored: Stored) -> None:
        """Tell the sender that it is in the record, and where."""
        sealed = stored.sealed
        self.connection.send(Accepted(frame.ref, frame.conversation, frame.client_id, sealed.seq, sealed.at))

    def draft(self, frame: Post) -> Draft:
        """What this peer wants to say."""
        return Draft(
            self.actor,
            ConversationId(frame.conversation),
            ClientId(frame.client_id),
            Kind.TEXT,
            frame.text,
            self.parts.clock.now_ms(),
        )

    def over_budget(self, frame: Post) -> bool:
        """Spend from this connection's messages; over budget the peer is told when it fits."""
        return self.spends_too_fast(self._messages, frame.ref)

    def refuse(self, ref: int, refusal: Refusal, *, detail: str = "") -> None:
        """Say why not, and what to do."""
        self.connection.refuse(ref, refusal, detail=detail)

    async def end(self, frame: End) -> None:
        """End the conversation for both sides."""
        outcome = await self.parts.service.end(self.actor, ConversationId(frame.conversation))
        if isinstance(outcome, Refusal):
            self.refuse(frame.ref, outcome)
        else:
            self.connection.send(Done(frame.ref))

    async def typing(self, frame: Typing) -> None:
        """Pass on that this peer writes. Over budget it is dropped: it is only a hint."""
        feed = self.feeds.get(ConversationId(frame.conversation))
        if feed is None or feed.record is None or not may_post(self.actor, feed.record):
            return
        self._typing = budget = self._typing or Budget(TYPING)
        if frame.on and budget.take(self.parts.clock.monotonic()):
            return
        fact = Typed(feed.id, self.actor.role, self.who, frame.on)
        await self.parts.bus.publish(conversation_topic(feed.id), encode_fact(fact))

    async def mark(self, frame: Mark) -> None:
        """Raise this side's marks and tell the other. A mark cannot pass what there is to read."""
        feed = self.feeds.get(ConversationId(frame.conversation))
        if feed is None or feed.record is None or not may_post(self.actor, feed.record):
            return
        received, read = min(frame.received, feed.top), min(frame.read, feed.top)
        had_received, had_read = self._marked.get(feed.id, (0, 0))
        if received <= had_received and read <= had_read:
            return
        received, read = max(received, read, had_received), max(read, had_read)
        await self.parts.marks.raise_to(feed.id, ReadMarks(self.actor.role, Seq(received), Seq(read)))
        self._marked[feed.id] = (received, read)
        fact = Marked(feed.id, self.actor.role, received, read)
        await self.parts.bus.publish(conversation_topic(feed.id), encode_fact(fact))

    async def history(self, frame: History) -> None:
        """A page of older messages, unless too many were asked for. Raises NotFound for what is not followed here."""
        self._reads = budget = self._reads or Budget(HISTORY)
        if self.spends_too_fast(budget, frame.ref):
            return
        feed = self.feeds.get(ConversationId(frame.conversation))
        if feed is None or feed.record is None:
            raise NotFound("there is no such conversation here")
        messages = await feed.before(Seq(frame.before), LATEST)
        marks = await self.parts.marks.of(feed.id)
        self.connection.answer(await self._snapshot(frame.ref, feed, feed.record, messages, marks, recovered=False))

    def spends_too_fast(self, budget: Budget, ref: int) -> bool:
        """Spend from a budget of this peer's; over budget it is told when one fits."""
        wait = budget.take(self.parts.clock.monotonic())
        if wait:
            self.connection.refuse(ref, LIMITED, retry_after_ms=int(wait * 1000) + 1)
        return bool(wait)
