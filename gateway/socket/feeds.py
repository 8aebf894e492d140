"""All conversations that somebody on this gateway follows, fed from the bus and checked against the record."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

import structlog

from chat.errors import Unavailable
from chat.ids import ConversationId, Seq
from chat.protocol.facts import AnyFact, conversation_topic
from gateway.socket.feed import Feed, Follower
from gateway.socket.inbox import Inbox, Spawn
from gateway.socket.parts import Parts
from gateway.socket.reads import SharedReads

log = structlog.get_logger()

GRACE_S = 10.0
"""How long a feed that nobody follows is kept: a reload of the page finds it still there."""
PATIENT_CHECKS = 32
"""A number that nobody stored is looked for ever more rarely, at least each 32 checks."""


class _Entry:
    """A feed with what waits for it."""

    __slots__ = ("abandoned_at", "feed", "given", "inbox", "is_checked", "misses", "next_read", "opening")

    def __init__(self, feed: Feed, spawn: Spawn) -> None:
        self.feed = feed
        self.inbox = Inbox(spawn, feed)
        self.opening: asyncio.Lock | None = asyncio.Lock()
        """Held by whoever opens it; None when it is open."""
        self.abandoned_at: float | None = None
        self.given = Seq(0)
        """The highest number that was given in it at the last position check."""
        self.misses = 0
        """Position checks in a row in which a number that was given before the last one is not here yet."""
        self.next_read = 1
        self.is_checked = False
        """It is being compared with the record at this moment."""


class Feeds:
    """Feeds by conversation. One bus subscription each, however many follow."""

    def __init__(self, parts: Parts, opened: Callable[[Feed], Coroutine[Any, Any, None]], spawn: Spawn) -> None:
        self._parts = parts
        self._reads = SharedReads(parts.messages)
        self._opened = opened
        self._spawn = spawn
        self._entries: dict[ConversationId, _Entry] = {}
        self.checks = 0
        """Position checks begun so far."""

    async def join(self, conversation: ConversationId) -> Feed:
        """The conversation's feed, subscribed first and read second. Raises Unavailable.

        It is kept for 10 s at least; ``follow`` it within that time.
        """
        entry = self._entries.get(conversation)
        if entry is None:
            entry = self._entries[conversation] = _Entry(Feed(conversation, self._parts, self._reads), self._spawn)
        if not entry.feed.followers:
            entry.abandoned_at = self._parts.clock.monotonic()
        if (opening := entry.opening) is not None:
            async with opening:
                if entry.opening is not None:  # still: whoever was first may have failed
                    await self._parts.bus.subscribe([conversation_topic(conversation)])
                    await entry.feed.load()
                    entry.opening = None
                    self._spawn(partial(self._opened, entry.feed))
        return entry.feed

    def known(self, conversation: ConversationId) -> Feed | None:
        """The conversation's feed if it is open here already; nothing is read."""
        entry = self._entries.get(conversation)
        return entry.feed if entry is not None and entry.opening is None else None

    def follow(self, feed: Feed, follower: Follower, seq: Seq) -> None:
        """``follower`` is shown everything above ``seq`` from now on. Raises Unavailable when it took too long."""
        entry = self._entries.get(feed.id)
        if entry is None or entry.feed is not feed:
            raise Unavailable("the feed was given up meanwhile")
        feed.follow(follower, seq)
        entry.abandoned_at = None

    def unfollow(self, feed: Feed, follower: Follower) -> None:
        """They are shown nothing more; a feed without followers is forgotten after 10 s."""
        feed.unfollow(follower)
        entry = self._entries.get(feed.id)
        if entry is not None and not entry.feed.followers:
            entry.abandoned_at = self._parts.clock.monotonic()

    # --- from the bus ---------------------------------------------------------------------------------------------

    def happened(self, conversation: ConversationId, fact: AnyFact) -> None:
        """Hand a fact to its feed. Never waits; facts of one conversation stay in order."""
        if entry := self._entries.get(conversation):
            entry.inbox.put(fact)

    def lost(self) -> None:
        """Facts may have been missed in every feed."""
        for entry in self._entries.values():
            entry.feed.lost()

    # --- against the record ---------------------------------------------------------------------------------------

    async def check_positions(self) -> None:
        """Once a second: compare feeds with the numbers that were given. Raises Unavailable.

        Those that are behind read the record by themselves, 16 reads at a time in all: one that waits for a missing
        number holds up no other, and is left to itself until it is done.
        """
        self.checks += 1
        entries = [entry for entry in self._entries.values() if entry.opening is None and not entry.is_checked]
        if not entries:
            return
        shown = [entry.feed.top for entry in entries]
        tops = await self._parts.numbers.tops([entry.feed.id for entry in entries])
        for entry, had, top in zip(entries, shown, tops, strict=True):
            has_forgotten = entry.feed.record is not None and (top is None or top < had)
            if self._is_behind(entry, top) or has_forgotten:
                entry.is_checked = True
                self._spawn(partial(self._check, entry, has_forgotten=has_forgotten))

    async def _check(self, entry: _Entry, *, has_forgotten: bool) -> None:
        """One that fails harms no other: it stays lost and is asked again."""
        feed = entry.feed
        try:
            await feed.catch_up()
            if has_forgotten:
                async with self._reads.turn:
                    await self._parts.delivery.reseed(feed.id)
        except Unavailable:
            return
        except Exception:
            log.exception("a conversation cannot be followed", conversation=str(feed.id))
        finally:
            entry.is_checked = False

    def _is_behind(self, entry: _Entry, top: Seq | None) -> bool:
        """Whether the record has to be read. A number that was given just now may be on its way; one that was given
        before the last check is late."""
        feed = entry.feed
        given, entry.given = entry.given, top or Seq(0)
        if feed.is_lost:
            return True
        if feed.top >= given:
            entry.misses, entry.next_read = 0, 1
            return False
        entry.misses += 1
        if entry.misses < entry.next_read:
            return False
        entry.next_read = entry.misses + min(entry.misses, PATIENT_CHECKS)
        return True

    async def forget_abandoned(self) -> None:
        """Drop feeds that nobody followed for a while."""
        now = self._parts.clock.monotonic()
        gone = [
            entry.feed.id
            for entry in self._entries.values()
            if entry.abandoned_at is not None and now - entry.abandoned_at >= GRACE_S
        ]
        for conversation in gone:
            del self._entries[conversation]
        if gone:
            await self._parts.bus.unsubscribe([conversation_topic(conversation) for conversation in gone])
