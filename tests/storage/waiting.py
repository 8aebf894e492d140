"""Waiting for what must come, with a deadline."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

from chat.errors import Unavailable

Value = TypeVar("Value")
# A store that was killed opens its files again within a second or two; the machine may be busy.
DEADLINE_S = 30.0


async def soon(value: Awaitable[Value], *, within_s: float = DEADLINE_S) -> Value:
    """The value; a test that waits for ever for it fails instead."""
    async with asyncio.timeout(within_s):
        return await value


async def until_available(call: Callable[[], Awaitable[Value]], *, within_s: float = DEADLINE_S) -> Value:
    """Ask again, as senders do, until the store is back."""
    async with asyncio.timeout(within_s):
        while True:
            try:
                return await call()
            except Unavailable:
                await asyncio.sleep(0.01)


async def next_of(facts: AsyncIterator[Value]) -> Value:
    return await soon(anext(facts))


async def until(is_so: Callable[[], Awaitable[object]], *, within_s: float = DEADLINE_S) -> None:
    """Ask again and again, until the answer is yes."""
    async with asyncio.timeout(within_s):
        while True:
            if await is_so():
                return
            await asyncio.sleep(0.005)
