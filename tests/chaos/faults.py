"""What goes wrong in a run. Each fault is a value: where it strikes, how hard and for how long was drawn before."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import time
from dataclasses import dataclass
from random import Random
from typing import Protocol

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ConstantBackoff

from chat.errors import Unavailable
from chat.ids import ConversationId, Seq
from tests.chaos.cast import Cast
from tests.chaos.clocks import REDIS_OFFSET_KEY
from tests.chaos.fleets import FleetProgram
from tests.chaos.history import MUTE, History, Noticed
from tests.chaos.processes import Program
from tests.chaos.proxy import Proxy
from tests.chaos.weather import CALM, Weather
from tests.chaos.world import Node, World
from tests.storage.values import UNLIMITED, admitted

PATIENT = Retry(ConstantBackoff(0.2), 50)
"""The administrator tries again for ten seconds."""
EVERYWHERE = -1
"""In place of a gateway's index: at all of them."""


class Fault(Protocol):
    """Returns when it is over; what it did is undone then, unless that is the fault."""

    async def strike(self, world: World, cast: Cast) -> None: ...


@dataclass(frozen=True, slots=True)
class Nothing:
    """For comparison."""

    async def strike(self, world: World, cast: Cast) -> None:
        return None


# --- the network ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Windy:
    """Weather on some connections for a while. ``link`` is redis, mongodb, front or balancer."""

    link: str
    node: int
    weather: Weather
    for_s: float

    async def strike(self, world: World, cast: Cast) -> None:
        proxies = _proxies(world, self.link, self.node)
        for proxy in proxies:
            await proxy.change(self.weather)
        async with asyncio.TaskGroup() as looking:
            for node in _nodes(world, self.node) if self.weather.mute else ():
                looking.create_task(self._noticed(node, cast.history))
            await asyncio.sleep(self.for_s)
        for proxy in proxies:
            await proxy.change(CALM)

    async def _noticed(self, node: Node, history: History) -> None:
        """Wait until the gateway says that it is not ready, or until this is over."""
        began = time.monotonic()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.for_s):
                while await node.program.answers():  # noqa: ASYNC110 - nothing else says so
                    await asyncio.sleep(0.05)
        history.noticed.append(Noticed(MUTE, node.program.name, time.monotonic() - began))


@dataclass(frozen=True, slots=True)
class Cut:
    """Open connections are reset."""

    link: str
    node: int

    async def strike(self, world: World, cast: Cast) -> None:
        for proxy in _proxies(world, self.link, self.node):
            proxy.cut()


@dataclass(frozen=True, slots=True)
class HalfOpen:
    """Open connections go silent for ever; nobody is told."""

    link: str
    node: int

    async def strike(self, world: World, cast: Cast) -> None:
        for proxy in _proxies(world, self.link, self.node):
            links = proxy.half_open()
            if self.link in ("front", "balancer"):
                cast.silent += [(proxy.name, link) for link in links]


def _proxies(world: World, link: str, node: int) -> list[Proxy]:
    if link == "balancer":
        return [world.balancer]
    by_link = {"redis": "redis_link", "mongodb": "mongodb_link", "front": "front"}
    return [getattr(each, by_link[link]) for each in _nodes(world, node)]


def _nodes(world: World, node: int) -> list[Node]:
    return world.nodes if node == EVERYWHERE else [world.nodes[node]]


# --- processes ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Killed:
    """``kill -9``; after ``for_s`` it is started again. ``what`` is redis, mongodb, gateway, web or jobs."""

    what: str
    node: int
    for_s: float

    async def strike(self, world: World, cast: Cast) -> None:
        programs = _programs(world, self.what, self.node)
        for program in programs:
            program.kill()
        await asyncio.sleep(self.for_s)
        await asyncio.gather(*[program.started() for program in programs])


@dataclass(frozen=True, slots=True)
class Stopped:
    """Stopped in order, as on a deploy: gateways drain. After ``for_s`` it is started again."""

    what: str
    node: int
    for_s: float

    async def strike(self, world: World, cast: Cast) -> None:
        for program in _programs(world, self.what, self.node):  # one after the other, as a deploy does
            await program.stop()
            await asyncio.sleep(self.for_s)
            await program.started()


@dataclass(frozen=True, slots=True)
class Frozen:
    """Stands still for a while, and goes on as if nothing had been."""

    what: str
    node: int
    for_s: float

    async def strike(self, world: World, cast: Cast) -> None:
        programs = _programs(world, self.what, self.node)
        for program in programs:
            program.freeze()
        await asyncio.sleep(self.for_s)
        for program in programs:
            program.thaw()


def _programs(world: World, what: str, node: int) -> list[Program]:
    if what == "gateway":
        return [each.program for each in _nodes(world, node)]
    return [program for program in (world.redis, world.mongodb, *world.others) if program.name == what]


@dataclass(frozen=True, slots=True)
class ChildKilled:
    """``kill -9`` of one of the processes of a gateway; its parent starts it again."""

    node: int
    draw: int
    """What the child is drawn from."""

    async def strike(self, world: World, cast: Cast) -> None:
        world.nodes[self.node].program.kill_child(Random(self.draw))


@dataclass(frozen=True, slots=True)
class FailedOver:
    """``kill -9`` of a master of a fleet; a replica takes its place."""

    for_s: float

    async def strike(self, world: World, cast: Cast) -> None:
        assert isinstance(world.redis, FleetProgram)
        await world.redis.fail_over(self.for_s)


# --- Redis' memory --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Told:
    """An administrator's command to Redis, and another one after ``for_s``."""

    command: str
    for_s: float = 0.0
    afterwards: str = ""

    async def strike(self, world: World, cast: Cast) -> None:
        await tell(world, *self.command.split())
        await asyncio.sleep(self.for_s)
        if self.afterwards:
            await tell(world, *self.afterwards.split())


@dataclass(frozen=True, slots=True)
class KilledAndEmptied:
    """``kill -9`` of Redis, and its disk is lost."""

    for_s: float

    async def strike(self, world: World, cast: Cast) -> None:
        world.redis.kill()
        kept = world.directory / "redis"
        shutil.rmtree(kept)
        kept.mkdir(mode=0o700)
        await asyncio.sleep(self.for_s)
        await world.redis.started()


@dataclass(frozen=True, slots=True)
class NumbersWasted:
    """In every conversation so many numbers go to messages that are never stored: their gateway died over them."""

    count: int

    async def strike(self, world: World, cast: Cast) -> None:
        numbers = world.house.stores.numbers
        for talk in cast.live_talks:
            here = ConversationId(talk.conversation)
            for _ in range(self.count):
                with contextlib.suppress(Unavailable):
                    await numbers.number(admitted(here), author=UNLIMITED, conversation=UNLIMITED, floor=Seq(0))


async def tell(world: World, *words: str) -> None:
    async with Redis.from_url(world.house.settings.redis_address, retry=PATIENT) as redis:
        await redis.execute_command(*words)  # type: ignore[no-untyped-call]


# --- clocks and people ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ClockStep:
    """A gateway's wall clock jumps, and jumps back after ``for_s``."""

    node: int
    by_ms: int
    for_s: float

    async def strike(self, world: World, cast: Cast) -> None:
        nodes = _nodes(world, self.node)
        for node in nodes:
            node.clock.ms += self.by_ms
        await asyncio.sleep(self.for_s)
        for node in nodes:
            node.clock.ms -= self.by_ms


@dataclass(frozen=True, slots=True)
class RedisClockStep:
    """Redis' clock jumps, and jumps back after ``for_s``."""

    by_ms: int
    for_s: float

    async def strike(self, world: World, cast: Cast) -> None:
        await tell(world, "SET", REDIS_OFFSET_KEY, str(self.by_ms * 1000))
        await asyncio.sleep(self.for_s)
        await tell(world, "DEL", REDIS_OFFSET_KEY)


@dataclass(frozen=True, slots=True)
class Crowd:
    """So many tabs crash at once and are opened again."""

    share: float

    async def strike(self, world: World, cast: Cast) -> None:
        count = max(1, round(self.share * len(cast.participants)))
        await asyncio.gather(*[participant.vanish() for participant in cast.participants[:count]])


@dataclass(frozen=True, slots=True)
class AtOnce:
    """Several faults, begun together."""

    faults: tuple[Fault, ...]

    async def strike(self, world: World, cast: Cast) -> None:
        await asyncio.gather(*[fault.strike(world, cast) for fault in self.faults])
