"""What the stores and the logs tell, once a run is over."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from chat.errors import Unavailable
from chat.ids import ConversationId
from tests.chaos.cast import Talk
from tests.chaos.history import Entry, entry
from tests.chaos.world import World

Answer = TypeVar("Answer")

PATIENCE_S = 40.0
"""How long a store may take to come back, once nothing stands in its way."""
CHILD_ENDED = "a gateway process ended and is started again"
"""What a gateway of several processes says when one of them was killed."""


async def patiently(read: Callable[[], Awaitable[Answer]]) -> Answer:
    """Read from the stores, which are there or come back."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            try:
                return await read()
            except Unavailable:
                await asyncio.sleep(0.1)


async def highest(world: World, talk: Talk) -> int:
    """The highest number that was stored."""
    return await world.house.stores.messages.highest(ConversationId(talk.conversation))


async def record(world: World, talk: Talk) -> list[Entry]:
    """All that was stored, in order."""
    return [entry(message) for message in await world.house.record(talk.conversation)]


def log_sizes(world: World) -> dict[Path, int]:
    """How much each gateway logged so far, in bytes."""
    return {node.program.log: node.program.log.stat().st_size for node in world.nodes}


def errors(world: World, before: dict[Path, int]) -> list[str]:
    """What gateways logged as errors since ``before``: each is a bug, or an answer that the code does not foresee."""
    found = []
    for node in world.nodes:
        with node.program.log.open("rb") as log:
            log.seek(before[node.program.log])
            lines = [line.decode(errors="replace").strip() for line in log if b'"level": "error"' in line]
        ends = [line for line in lines if CHILD_ENDED in line][: node.program.children_killed]
        found += [f"{node.program.name}: {line}" for line in lines if line not in ends]
    return found
