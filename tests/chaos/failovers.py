"""Redis remembers less than it did: an older replica took over, or it forgot at the worst moment."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass

from redis.asyncio import Redis

from tests.chaos.cast import Cast
from tests.chaos.faults import PATIENT, Fault, tell
from tests.chaos.world import World


@dataclass(frozen=True, slots=True)
class Rewound:
    """A failover to a replica that is ``by_s`` behind: what was acknowledged since is gone, connections are reset."""

    by_s: float

    async def strike(self, world: World, cast: Cast) -> None:
        copy = await _copied(world)
        await asyncio.sleep(self.by_s)
        await _taken_over(world, copy)


@dataclass(frozen=True, slots=True)
class RewoundAtEnds:
    """So many failovers, each to a replica that lacks the last end of a conversation, or is ``most_s`` behind."""

    times: int
    most_s: float

    async def strike(self, world: World, cast: Cast) -> None:
        for _ in range(self.times):
            copy = await _copied(world)
            await _an_end(cast, self.most_s)
            await _taken_over(world, copy)


async def _copied(world: World) -> list[tuple[bytes, bytes | None, int]]:
    """Every key, with its value and the milliseconds it has left."""
    async with Redis.from_url(world.house.settings.redis_address, retry=PATIENT) as redis:
        return [(key, await redis.dump(key), await redis.pttl(key)) for key in await redis.keys("*")]


async def _taken_over(world: World, copy: list[tuple[bytes, bytes | None, int]]) -> None:
    async with (
        Redis.from_url(world.house.settings.redis_address, retry=PATIENT) as redis,
        redis.pipeline(transaction=True) as change,
    ):
        change.flushall()
        for key, kept, left_ms in copy:
            if kept is not None:
                change.restore(key, max(left_ms, 0), kept, replace=True)
        await change.execute()
    await tell(world, "CLIENT", "KILL", "TYPE", "pubsub")
    await tell(world, "CLIENT", "KILL", "TYPE", "normal")


async def _an_end(cast: Cast, most_s: float) -> None:
    """Until a conversation ends, or for so long."""
    over = len(cast.talks) - len(cast.live_talks)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(most_s):
            while len(cast.talks) - len(cast.live_talks) == over:  # noqa: ASYNC110 - no one event says so
                await asyncio.sleep(0.002)


@dataclass(frozen=True, slots=True)
class AtEnds:
    """A fault, so many times: each as soon as a conversation ended, or after ``most_s`` without an end."""

    times: int
    most_s: float
    fault: Fault

    async def strike(self, world: World, cast: Cast) -> None:
        for _ in range(self.times):
            await _an_end(cast, self.most_s)
            await self.fault.strike(world, cast)
