"""What arrived from the bus and was not taken yet."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from typing import TypeAlias

Fact: TypeAlias = tuple[str, bytes]

# A second of the busiest gateway, 60,000 facts of 250 B; whoever is further behind re-reads the record faster.
_BYTES = 16 * 2**20
# What a fact costs besides its bytes: tuple, two objects, a place in the queue.
_OVERHEAD = 160


class Inbox:
    """Facts in order of arrival, None where some may be missing. Putting never waits.

    When it is full (``most`` bytes, each fact counted with 160 more) everything in it is dropped and None takes its
    place: who is that far behind reads the record.
    """

    def __init__(self, *, most: int = _BYTES) -> None:
        self._most = most
        self._size = 0
        self._items: deque[Fact | None] = deque()
        self._arrived = asyncio.Event()
        self._closed = False

    def put(self, topic: str, fact: bytes) -> None:
        """A fact that arrived; the one that does not fit is dropped with all the others."""
        self._size += len(fact) + _OVERHEAD
        if self._size > self._most:
            self._items.clear()
            self._size = 0
            self.miss()
            return
        self._items.append((topic, fact))
        self._arrived.set()

    def miss(self) -> None:
        """Something may have been missed between what is in here and what comes. Twice in a row is once."""
        if not self._items or self._items[-1] is not None:
            self._items.append(None)
        self._arrived.set()

    def close(self) -> None:
        """What waits can still be taken; then the iteration ends."""
        self._closed = True
        self._arrived.set()

    async def taken(self) -> AsyncIterator[Fact | None]:
        """Take them one by one, until it is closed and empty. One reader."""
        while True:
            while self._items:
                item = self._items.popleft()
                self._size -= len(item[1]) + _OVERHEAD if item else 0
                yield item
            if self._closed:
                return
            self._arrived.clear()
            await self._arrived.wait()
