"""Reads of the record, one for all who want the same at the same moment: after an outage whole crowds do."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from chat.ids import ConversationId, Seq
from chat.model import Sealed
from chat.ports import Messages


@dataclass(frozen=True, slots=True, eq=False)
class _Read:
    """A read under way: messages above ``start``, ``limit`` at most."""

    start: Seq
    limit: int
    page: asyncio.Task[list[Sealed]]


TOGETHER = 16
"""Reads at the same time by which feeds catch up: after an outage thousands of them do."""


class SharedReads:
    """``Messages.after`` and ``Messages.before``, each asked once for all who wait for it. Both raise Unavailable.

    Whoever joins a read may be answered as of the moment at which it began. A caller that is cancelled takes only
    itself away; the read ends by itself, by the store's deadline at the latest.
    """

    def __init__(self, messages: Messages) -> None:
        self.turn = asyncio.Semaphore(TOGETHER)
        """Taken for each read by which a feed catches up, and never while it waits for anything else."""
        self._messages = messages
        self._upwards: dict[ConversationId, _Read] = {}
        self._downwards: dict[tuple[ConversationId, Seq, int], asyncio.Task[list[Sealed]]] = {}

    async def after(self, conversation: ConversationId, seq: Seq, *, limit: int) -> list[Sealed]:
        """Messages above ``seq`` in order, ``limit`` at most. A read from further below serves, too."""
        read = self._upwards.get(conversation)
        if read is None or read.start > seq or read.limit < limit:
            read = self._upwards[conversation] = self._read_upwards(conversation, seq, limit)
        page = await asyncio.shield(read.page)
        above = [one for one in page if one.seq > seq][:limit]
        if above or len(page) < read.limit:
            return above
        return await self._messages.after(conversation, seq, limit=limit)  # the page ended below

    def _read_upwards(self, conversation: ConversationId, seq: Seq, limit: int) -> _Read:
        def forget(_: object) -> None:
            if self._upwards.get(conversation) is read:  # else one from further below has taken its place
                del self._upwards[conversation]

        read = _Read(seq, limit, asyncio.ensure_future(self._messages.after(conversation, seq, limit=limit)))
        read.page.add_done_callback(forget)
        return read

    async def before(self, conversation: ConversationId, seq: Seq, *, limit: int) -> list[Sealed]:
        """The last ``limit`` messages below ``seq``, in order."""
        key = (conversation, seq, limit)
        task = self._downwards.get(key)
        if task is None:
            task = asyncio.ensure_future(self._messages.before(conversation, seq, limit=limit))
            self._downwards[key] = task
            task.add_done_callback(lambda _: self._downwards.pop(key))
        return await asyncio.shield(task)
