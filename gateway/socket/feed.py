"""A conversation as this gateway follows it: what arrives is put in order by number, opened once, and shown to all.

Pub/sub may lose, double and overtake; the record does not. A fact with the next number is shown at once. One that is
ahead waits while the numbers before it are read from the record. A number that stays missing was given to a message
that never reached the record: the feed closes the gap by storing a ``void`` under that number. Should the message
come after all, its number is taken and it gets the next one; so the order that was shown never changes.
"""

from __future__ import annotations

import asyncio
from typing import Protocol
from uuid import UUID

import structlog

from chat.errors import Tampered, Unavailable
from chat.ids import ConversationId, Seq
from chat.model import Conversation, Kind, MessageView, Sealed, State
from chat.protocol.facts import AnyFact, Changed, Marked, MessageStored, Typed
from chat.protocol.frames import Marks, MarkView, Message, TypingNow
from gateway.socket.gaps import is_whole, newest, whole_up_to, with_missing
from gateway.socket.outgoing import Outgoing
from gateway.socket.parts import Parts
from gateway.socket.reads import SharedReads
from gateway.socket.voids import GAP, Voids

log = structlog.get_logger()

PAGE = 300
"""Messages read at once. More than this behind, a client is better served with a fresh snapshot."""
SNAPSHOT_BYTES = 160 * 1024
"""Sealed messages in one snapshot: JSON may write a byte as six, and a server's frame is at most 1 MiB."""
IN_FLIGHT = 128
"""How far below the highest stored number one may still be on its way, or be missing and not closed yet: as much as the
budgets let a conversation store above it until it is closed, and half as much again."""
HIGHEST = Seq(2**53 - 1)
AHEAD = 1_000
"""Facts that may wait for the numbers before them; more, and the record is read instead."""
GAP_PATIENCE_S = (0.02, 0.05, 0.1, 0.2, 0.4, 0.8)
"""How long to wait between looks for a missing number before closing the gap: a commit of another gateway takes
milliseconds, a second and a half is a crash."""


class Follower(Protocol):
    """Who is shown a conversation."""

    @property
    def who(self) -> UUID:
        """Visitor or account: facts of their own are not shown to them."""
        ...

    def offer(self, outgoing: Outgoing) -> None:
        """Be shown something. Never waits, never raises."""


class Feed:
    """One conversation's feed on this gateway. Lives while somebody here follows it."""

    __slots__ = ("_ahead", "_lock", "_parts", "_reads", "_stored_here", "followers", "id", "is_lost", "record", "top")

    def __init__(self, conversation: ConversationId, parts: Parts, reads: SharedReads) -> None:
        self.id = conversation
        self.record: Conversation | None = None
        self.top = Seq(0)
        self.followers: dict[Follower, Seq] = {}
        self.is_lost = False
        """Facts may have been missed: the record has to be read."""
        self._parts = parts
        self._reads = reads
        self._ahead: dict[Seq, Sealed] = {}
        self._stored_here = Seq(0)
        self._lock = asyncio.Lock()

    async def load(self) -> None:
        """Read where the record stands; call it after subscribing, so that nothing falls between."""
        async with self._lock:
            self.record = await self._parts.conversations.get(self.id)
            if self.record is not None:
                last = await self._parts.messages.before(self.id, HIGHEST, limit=IN_FLIGHT)
                self.top = whole_up_to(last, from_the_start=len(last) < IN_FLIGHT)
                self._ahead = {sealed.seq: sealed for sealed in last if sealed.seq > self.top}
                # A number that is still on its way comes as a fact; one that is lost is found by the position check.
                self.is_lost = bool(self._ahead)

    @property
    def floor(self) -> Seq:
        """The highest number known to be stored, shown or not: what is said next comes after it, also where the
        numbering store forgot everything while a missing number held up what is shown."""
        ahead = max(self._ahead, default=self.top)
        return max(self._stored_here, ahead if ahead - self.top <= GAP else self.top)

    def stored(self, seq: Seq) -> None:
        """A message was stored from here under this number; the fact that tells it is on its way."""
        self._stored_here = max(self._stored_here, seq)

    # --- following ----------------------------------------------------------------------------------------------

    def follow(self, follower: Follower, seq: Seq) -> None:
        """Show everything above ``seq``, which is at least the feed's top: see ``caught_up``."""
        self.followers[follower] = seq

    def unfollow(self, follower: Follower) -> None:
        """Show them nothing more; nothing happens to who did not follow."""
        self.followers.pop(follower, None)

    async def after(self, seq: Seq) -> list[MessageView] | None:
        """Everything above ``seq`` up to the feed's top, or None when that is more than a snapshot holds.

        When it returns, no await stands between the answer and the caller's ``follow``: nothing falls between.
        At the top nothing is read. Above the top numbers may be missing yet, so nothing of that is answered.
        """
        found: list[MessageView] = []
        weight, above, below = 0, seq, seq + 1
        while self.record is not None and seq < self.top:
            below = self.top + 1
            sealed = await self._shown_after(seq, limit=PAGE + 1 - len(found))
            if not sealed:
                break
            weight += sum(len(one.blob) for one in sealed)
            if len(found) + len(sealed) > PAGE or weight > SNAPSHOT_BYTES:
                return None
            found += await self._parts.views.messages(self.record, sealed)
            seq = Seq(found[-1].seq)
        return with_missing(self.id, found, above=above, below=below)

    async def _shown_after(self, seq: Seq, *, limit: int) -> list[Sealed]:
        """What the record holds above ``seq`` of what has been shown when this is asked.

        A read that is shared may have begun before one of these numbers was stored and after a higher one was: then
        this asks by itself. What is missing even so was taken out of the record.
        """
        top = self.top
        sealed = [one for one in await self._reads.after(self.id, seq, limit=limit) if one.seq <= top]
        if len(sealed) < min(limit, top - seq):
            sealed = [one for one in await self._parts.messages.after(self.id, seq, limit=limit) if one.seq <= top]
        return sealed

    async def before(self, seq: Seq, limit: int) -> list[MessageView]:
        """The last messages below ``seq``: ``limit``, or as many as a snapshot holds."""
        if self.record is None:
            return []
        below = min(seq, Seq(self.top + 1))
        sealed = await self._reads.before(self.id, seq, limit=limit)
        if not is_whole(sealed, below=below, limit=limit):  # see _shown_after
            sealed = await self._parts.messages.before(self.id, seq, limit=limit)
        shown = newest(sealed, SNAPSHOT_BYTES)
        views = await self._parts.views.messages(self.record, shown)
        is_from_the_start = len(sealed) < limit and len(shown) == len(sealed)
        return with_missing(self.id, views, above=0 if is_from_the_start else None, below=below)

    async def latest(self, limit: int) -> list[MessageView]:
        """The last messages, at least up to the feed's top; the same promise as ``after``."""
        self.is_lost = self.is_lost or await self._is_more_stored()
        while self.record is not None:
            found = await self.before(Seq(self.top + 1), limit)
            rest = await self.after(Seq(found[-1].seq) if found else Seq(0))
            if rest is not None:
                return found + rest
        return []

    async def _is_more_stored(self) -> bool:
        """Whether the record holds a next number that no fact told of, as when somebody put it there."""
        page = await self._reads.after(self.id, self.top, limit=1)
        return bool(page) and page[0].seq <= self.top + IN_FLIGHT

    def lost(self) -> None:
        """Facts may have been missed: the next position check reads the record."""
        self.is_lost = True

    # --- facts --------------------------------------------------------------------------------------------------

    def happened_now(self, fact: AnyFact) -> bool:
        """Take a fact without waiting, as ``happened`` does; False when that takes a look at a store."""
        if not isinstance(fact, MessageStored):
            self._passed(fact)
            return True
        sealed = fact.sealed
        if self._lock.locked() or self._ahead or self.record is None or sealed.seq != self.top + 1:
            return False
        try:
            view = self._parts.sealer.open_now(self.record, sealed)
        except Tampered:
            return False
        if view is None or view.kind is Kind.VOID:  # which may have something to say
            return False
        self._show_view(view)
        return True

    async def happened(self, fact: AnyFact) -> None:
        """Take a fact of this conversation's topic. Raises Unavailable: then it was missed."""
        if isinstance(fact, MessageStored):
            await self._stored(fact.sealed)
        else:
            self._passed(fact)

    def _passed(self, fact: AnyFact) -> None:
        """Show what is not in the record."""
        match fact:
            case Changed():
                self._changed(fact.conversation)
            case Typed():
                typing = TypingNow(0, self.id, fact.role, fact.author, fact.on)
                self._show(Outgoing(typing, ephemeral=True), but=fact.author)
            case Marked():
                mark = MarkView(fact.role, fact.received, fact.read)
                self._show(Outgoing(Marks(0, self.id, mark), ephemeral=True))
            case _:
                log.warning("a fact of another topic", fact=type(fact).__name__)

    async def catch_up(self) -> None:
        """Read from the record what was missed. Raises Unavailable: the feed stays lost and is asked again."""
        async with self._lock:
            self.is_lost = False  # set again by whoever notices another loss meanwhile
            try:
                async with self._reads.turn:
                    fresh = await self._parts.conversations.get(self.id)
                if fresh is not None:
                    self._changed(fresh)
                await self._fill()
            except BaseException:
                self.is_lost = True
                raise

    def _changed(self, conversation: Conversation) -> None:
        if self.record is None or conversation.revision > self.record.revision:
            self.record = conversation

    async def _stored(self, sealed: Sealed) -> None:
        async with self._lock:
            if sealed.seq <= self.top:
                return  # shown already: published again by a retry
            if len(self._ahead) < AHEAD:
                self._ahead[sealed.seq] = sealed
            await self._drain()
            if self._ahead:
                await self._fill()

    async def _drain(self) -> None:
        """Show what is next, as far as it goes."""
        while (sealed := self._ahead.pop(Seq(self.top + 1), None)) is not None:
            await self._show_message(sealed)
        for seq in [seq for seq in self._ahead if seq <= self.top]:
            del self._ahead[seq]

    async def _fill(self) -> None:
        """Show what the record holds above the top. Where numbers are missing below others, wait, then close the gaps:
        all that were there when the wait began, so that a crash which left several costs one wait."""
        await self._read_on()
        while self._ahead:
            known = max(self._ahead)
            await self._look_for_missing(known)
            record = await self._known_record()
            if not await Voids(self._parts).close(record, self._ahead, above=self.top, known=known):
                self._ahead.clear()
                return
            await self._read_on()

    async def _look_for_missing(self, known: Seq) -> None:
        """Read on until everything up to this number is shown, or patience is at its end."""
        for wait in GAP_PATIENCE_S:
            if self.top >= known:
                return
            await asyncio.sleep(wait)
            await self._read_on()

    async def _read_on(self) -> None:
        while True:
            async with self._reads.turn:
                page = await self._parts.messages.after(self.id, self.top, limit=PAGE)
            for sealed in page:
                self._ahead[sealed.seq] = sealed
            before = self.top
            await self._drain()
            if len(page) < PAGE or self.top == before:
                return

    # --- showing ------------------------------------------------------------------------------------------------

    async def _known_record(self) -> Conversation:
        if self.record is None:
            self.record = await self._parts.conversations.get(self.id)
        if self.record is None:
            raise Unavailable("a message is on its way before its conversation is in the record")
        return self.record

    async def _show_message(self, sealed: Sealed) -> None:
        self._show_view(await self._parts.views.message(await self._known_record(), sealed))

    def _show_view(self, view: MessageView) -> None:
        self.top = seq = Seq(view.seq)
        outgoing = Outgoing(Message(0, self.id, view))
        for follower, has in list(self.followers.items()):
            if seq > has:
                self.followers[follower] = seq
                follower.offer(outgoing)

    def _show(self, outgoing: Outgoing, *, but: UUID | None = None) -> None:
        for follower in list(self.followers):
            if follower.who != but:
                follower.offer(outgoing)

    @property
    def has_ended(self) -> bool:
        """Whether the conversation is known to have ended."""
        return self.record is not None and self.record.state is State.ENDED
