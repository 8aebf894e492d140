"""All conversations that somebody on this gateway follows, fed from the bus and checked against the record."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

import structlog

from chat.clock import Clock
from chat.errors import Tampered, Unavailable
from chat.ids import ConversationId, Seq
from chat.ports import Bus, Numbers
from chat.protocol.facts import AnyFact, conversation_topic
from gateway.socket.feed import Feed, Follower

log = structlog.get_logger()

INBOX = 1_000
"""Facts that may wait for one feed; more, and they are dropped and the record is read instead."""
GRACE_S = 10.0
"""How long a feed that nobody follows is kept: a reload of the page finds it still there."""
SUSPECT_CHECKS = 2
"""Position checks in a row that find a higher number before the record is read: one may just be on its way."""
PATIENT_CHECKS = 32
"""A number that nobody stored is looked for ever more rarely, at least each 32 checks."""

Spawn = Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]]


class _Entry:
    """A feed with what waits for it."""

    def __init__(self, feed: Feed) -> None:
        self.feed = feed
        self.inbox: deque[AnyFact] = deque()
        self.worker: asyncio.Task[None] | None = None
        self.ready: asyncio.Task[None] | None = None
        self.abandoned_at: float | None = None
        self.suspicions = 0
        self.next_read = SUSPECT_CHECKS


class Feeds:
    """Feeds by conversation. One bus subscription each, however many follow."""

    def __init__(
        self, make: Callable[[ConversationId], Feed], bus: Bus, numbers: Numbers, clock: Clock, spawn: Spawn
    ) -> None:
        self._make = make
        self._bus = bus
        self._numbers = numbers
        self._clock = clock
        self._spawn = spawn
        self._entries: dict[ConversationId, _Entry] = {}

    async def join(self, conversation: ConversationId) -> Feed:
        """The conversation's feed, subscribed first and read second. Raises Unavailable."""
        entry = self._entries.get(conversation)
        if entry is None:
            entry = self._entries[conversation] = _Entry(self._make(conversation))
            entry.abandoned_at = self._clock.monotonic()
        if entry.ready is None:
            entry.ready = asyncio.create_task(self._open(entry.feed))
        ready = entry.ready
        try:
            await asyncio.shield(ready)
        except Exception:
            if entry.ready is ready:
                entry.ready = None  # the next one tries again
            raise
        return entry.feed

    async def _open(self, feed: Feed) -> None:
        await self._bus.subscribe([conversation_topic(feed.id)])
        await feed.load()

    def follow(self, feed: Feed, follower: Follower, seq: Seq) -> None:
        """``follower`` is shown everything above ``seq`` from now on."""
        feed.follow(follower, seq)
        self._entries[feed.id].abandoned_at = None

    def unfollow(self, feed: Feed, follower: Follower) -> None:
        feed.unfollow(follower)
        entry = self._entries.get(feed.id)
        if entry is not None and not feed.followers:
            entry.abandoned_at = self._clock.monotonic()

    # --- from the bus ---------------------------------------------------------------------------------------------

    def happened(self, conversation: ConversationId, fact: AnyFact) -> None:
        """Hand a fact to its feed. Never waits; facts of one conversation stay in order."""
        entry = self._entries.get(conversation)
        if entry is None:
            return
        if len(entry.inbox) >= INBOX:
            entry.inbox.clear()
            entry.feed.is_lost = True
            return
        entry.inbox.append(fact)
        if entry.worker is None:
            entry.worker = self._spawn(self._work(entry))

    async def _work(self, entry: _Entry) -> None:
        try:
            while entry.inbox:
                await entry.feed.happened(entry.inbox.popleft())
        except Unavailable:
            entry.feed.is_lost = True
        except Exception:
            entry.feed.is_lost = True
            raise
        finally:
            entry.worker = None

    def lost(self) -> None:
        """Facts may have been missed in every feed: the next position check reads the record."""
        for entry in self._entries.values():
            entry.feed.is_lost = True

    # --- against the record ---------------------------------------------------------------------------------------

    async def check_positions(self) -> None:
        """Once a second: compare every feed with the numbers that were given. Raises Unavailable."""
        entries = [entry for entry in self._entries.values() if _is_ready(entry)]
        if not entries:
            return
        tops = await self._numbers.tops([entry.feed.id for entry in entries])
        for entry, top in zip(entries, tops, strict=True):
            try:
                await self._check(entry, top)
            except Tampered:
                log.exception("a conversation cannot be followed", conversation=str(entry.feed.id))

    async def _check(self, entry: _Entry, top: Seq | None) -> None:
        if self._is_behind(entry, top):
            await entry.feed.catch_up()
        if top is None and entry.feed.record is not None:
            await self._numbers.resume(entry.feed.id, highest=entry.feed.top, ended=entry.feed.has_ended)

    def _is_behind(self, entry: _Entry, top: Seq | None) -> bool:
        if entry.feed.is_lost or (top is None and entry.feed.record is not None):
            return True
        if top is None or top <= entry.feed.top:
            entry.suspicions, entry.next_read = 0, SUSPECT_CHECKS
            return False
        entry.suspicions += 1
        if entry.suspicions < entry.next_read:
            return False
        entry.next_read = entry.suspicions + min(entry.suspicions, PATIENT_CHECKS)
        return True

    async def forget_abandoned(self) -> None:
        """Drop feeds that nobody followed for a while."""
        now = self._clock.monotonic()
        gone = [
            entry.feed.id
            for entry in self._entries.values()
            if entry.abandoned_at is not None and now - entry.abandoned_at >= GRACE_S
        ]
        for conversation in gone:
            del self._entries[conversation]
        if gone:
            await self._bus.unsubscribe([conversation_topic(conversation) for conversation in gone])


def _is_ready(entry: _Entry) -> bool:
    ready = entry.ready
    return ready is not None and ready.done() and not ready.cancelled() and ready.exception() is None
