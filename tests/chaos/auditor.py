"""Looks into the record while a run goes on: nobody may know of a message that is not stored at that moment.

At the end every retry has been carried out and the record may look as if it had always been so; only who looks at once
sees a message that was shown, or acknowledged, too early.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from uuid import UUID

from chat.errors import Unavailable
from chat.ids import ConversationId, Seq
from chat.ports import Messages
from tests.chaos.history import Early, History

EVERY_S = 0.1


class Auditor:
    """Compares what became known since the last look with the record, ten times a second within ``async with``."""

    def __init__(self, history: History, messages: Messages) -> None:
        self.looked_at = 0
        self._history = history
        self._is_over = False
        self._messages = messages
        self._seen: list[int] = []
        """How much of each view was looked at."""
        self._heeded = 0
        """How many acceptances were looked at."""
        self._checked: set[tuple[UUID, int, UUID]] = set()

    async def __aenter__(self) -> None:
        self._task = asyncio.create_task(self._work())

    async def __aexit__(self, *_: object) -> None:
        self._is_over = True
        await self._task
        await self.look()

    async def _work(self) -> None:
        while not self._is_over:
            await asyncio.sleep(EVERY_S)
            await self.look()

    async def look(self) -> None:
        """Look at everything that became known. Where the record cannot be read now, it is read as soon as it can."""
        known = self._news()
        for conversation, news in known.items():
            held = await self._held(conversation, [early.seq for early in news])
            self.looked_at += len(news)
            self._history.early += [early for early in news if (early.seq, early.client_id) not in held]

    def _news(self) -> dict[UUID, list[Early]]:
        found = [*self._shown(), *self._accepted()]
        by_conversation: dict[UUID, list[Early]] = defaultdict(list)
        for early in found:
            name = (early.conversation, early.seq, early.client_id)
            if name not in self._checked:
                self._checked.add(name)
                by_conversation[early.conversation].append(early)
        return by_conversation

    def _shown(self) -> list[Early]:
        found = []
        self._seen += [0] * (len(self._history.views) - len(self._seen))
        for index, view in enumerate(self._history.views):
            fresh = view.shown[self._seen[index] :]
            self._seen[index] += len(fresh)
            found += [Early(view.who, view.conversation, entry.seq, entry.client_id) for entry in fresh]
        return found

    def _accepted(self) -> list[Early]:
        fresh = self._history.accepted[self._heeded :]
        self._heeded += len(fresh)
        return [Early(sent.sender, sent.conversation, sent.seq, sent.client_id) for sent in fresh]

    async def _held(self, conversation: UUID, seqs: list[int]) -> set[tuple[int, UUID]]:
        lowest, highest = min(seqs), max(seqs)
        while True:
            try:
                found = await self._messages.after(
                    ConversationId(conversation), Seq(lowest - 1), limit=highest - lowest + 1
                )
                return {(sealed.seq, sealed.client_id) for sealed in found}
            except Unavailable:
                await asyncio.sleep(EVERY_S)
