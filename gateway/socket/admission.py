"""Admission of newcomers: after a restart everybody comes back at once, and the stores serve them in turn."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

AT_ONCE = 64
"""Newcomers who are shown in at the same time: enough to fill the stores' pipelines, few enough that whoever is here
already does not wait behind them."""
WAITING = 8_192
"""Newcomers who wait for their turn: some seconds' worth, so that each is shown in before it gives up (20 s)."""
RETURN_MS = (2_000, 8_000)
"""When those who find the waiting room full are asked to come back: between these, at random."""


class Full(Exception):
    """There is no room to wait in; come back after ``after_ms``."""

    def __init__(self, after_ms: int) -> None:
        super().__init__(f"come back after {after_ms} ms")
        self.after_ms = after_ms


class Admission:
    """Lets newcomers in, first come first served."""

    def __init__(self, *, at_once: int = AT_ONCE, waiting: int = WAITING) -> None:
        self._turns = asyncio.Semaphore(at_once)
        self._room = waiting
        self._waiting = 0

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a turn and have it. Raises Full when too many wait already."""
        if self._waiting >= self._room:
            raise Full(random.randint(*RETURN_MS))  # noqa: S311 - spreads load only
        self._waiting += 1
        try:
            await self._turns.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._turns.release()
