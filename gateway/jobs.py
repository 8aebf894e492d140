"""Background work: what runs out is deleted, and conversations that everybody left are ended."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from chat.clock import Clock
from chat.conversations.service import ConversationService
from chat.errors import Unavailable
from chat.model import Actor, Conversation
from chat.ports import ApiTokens, Conversations, Invitations, Messages

log = structlog.get_logger()

EVERY_S = 60.0
"""What runs out is told in hours and days: a minute late is on time."""
IDLE_MS = 24 * 3600 * 1000
"""A conversation in which nobody wrote for a day is over; the visitor's next message begins a new one."""
AT_ONCE = 500
"""Conversations looked at in one round; the rest waits for the next minute."""


@dataclass(frozen=True, slots=True)
class JobParts:
    """What background work is given."""

    clock: Clock
    invitations: Invitations
    api_tokens: ApiTokens
    conversations: Conversations
    messages: Messages
    service: ConversationService


class Jobs:
    """Every job, once a minute. Each may be run twice at once, by two processes: all of them are idempotent."""

    def __init__(self, parts: JobParts) -> None:
        self._parts = parts

    async def run(self, *, stop: asyncio.Event) -> None:
        """Until ``stop`` is set. A store that is away is waited for; anything else ends the process, loudly."""
        log.info("jobs run")
        while not stop.is_set():
            for job in (self.expire_invitations, self.expire_tokens, self.end_idle_conversations):
                await self._once(job)
            try:
                await asyncio.wait_for(stop.wait(), EVERY_S)
            except TimeoutError:
                continue

    async def _once(self, job: Callable[[], Awaitable[int]]) -> None:
        try:
            count = await job()
            if count:
                log.info("job done", job=job.__name__, count=count)
        except Unavailable as error:
            log.warning("job put off", job=job.__name__, why=str(error))

    async def expire_invitations(self) -> int:
        """Delete one-time links that ran out; how many. Raises Unavailable."""
        return await self._parts.invitations.expire(now=self._parts.clock.now_ms())

    async def expire_tokens(self) -> int:
        """Delete bearer tokens that ran out; how many. Raises Unavailable."""
        return await self._parts.api_tokens.expire(now=self._parts.clock.now_ms())

    async def end_idle_conversations(self) -> int:
        """End what nobody has written in for a day; how many. Raises Unavailable."""
        since = self._parts.clock.now_ms() - IDLE_MS
        candidates = await self._parts.conversations.idle_since(since, limit=AT_ONCE)
        ended = 0
        for conversation in candidates:
            if await self._is_idle(conversation, since):
                await self._parts.service.end(Actor.system(conversation.workspace), conversation.id)
                ended += 1
        return ended

    async def _is_idle(self, conversation: Conversation, since: int) -> bool:
        latest = (await self._parts.messages.latest([conversation.id])).get(conversation.id)
        last_at = max(latest.at if latest else 0, conversation.opened_at, conversation.claimed_at or 0)
        return last_at < since
