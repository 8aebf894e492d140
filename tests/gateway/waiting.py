"""Waiting for what must come, with a deadline."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

DEADLINE_S = 20.0
"""For what takes milliseconds; the machine may be busy."""


async def until(condition: Callable[[], object], *, seconds: float = DEADLINE_S) -> None:
    """Look again until ``condition()`` is true. Fails after ``seconds``."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - conditions of any kind have no one event
            await asyncio.sleep(0.005)
