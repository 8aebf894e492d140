"""A whole Aican for one run: real stores and gateways as processes, and a proxy wherever a connection passes.

visitors, agents ─► front (one each gateway) ─────► gateway ─► link ─► Redis
                 └► balancer (any gateway) ───────►         └► link ─► MongoDB
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from pydantic import SecretStr

from chat.errors import Unavailable
from chat.model import Account
from config.local import mongodb as local_mongodb
from config.local import redis as local_redis
from config.local.stores import MONGODB, REDIS
from config.settings import Settings
from gateway.bootstrap import first_run, open_stores
from tests.chaos.clocks import ClockOffset
from tests.chaos.fleets import FleetProgram
from tests.chaos.pace import PACES, hurried_clients
from tests.chaos.ports import quiet_port
from tests.chaos.processes import Program, each, gateway, is_ready, process, store
from tests.chaos.proxy import Address, Proxy
from tests.chaos.weather import CALM
from tests.gateway.house import House

RECOVERY_S = 60.0
"""Within this time everything runs and answers again, once nothing stands in the way."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What a world is made of."""

    gateways: int = 3
    pace: str = "quick"
    broken: tuple[str, ...] = ("",)
    """A mechanism of ``broken.MECHANISMS`` for each gateway; in turn, if they are fewer."""
    processes: int = 1
    """Of each gateway, on its one port."""
    redis: str = ""
    """A fleet of ``fleets.FLEETS``; its clients ask it for addresses, so no proxy stands before it."""
    has_all: bool = False
    """``aican web`` and ``aican jobs`` run, too."""


@dataclass
class Node:
    """A gateway with everything that leads to it and from it."""

    program: Program
    clock: ClockOffset
    redis_link: Proxy
    mongodb_link: Proxy
    front: Proxy


@dataclass
class World:
    """What faults strike and participants use."""

    directory: Path
    redis: Program
    mongodb: Program
    nodes: list[Node]
    balancer: Proxy
    house: House
    """Looks at the stores directly."""
    others: list[Program] = field(default_factory=list)
    """``aican web`` and ``aican jobs``, where they run."""
    is_quick: bool = True
    """At the pace of programs; else at people's own."""
    accounts: dict[str, Account] = field(default_factory=dict)

    @property
    def programs(self) -> list[Program]:
        return [self.redis, self.mongodb, *[node.program for node in self.nodes], *self.others]

    @property
    def proxies(self) -> list[Proxy]:
        links = [proxy for node in self.nodes for proxy in (node.redis_link, node.mongodb_link, node.front)]
        return [*links, self.balancer]

    @property
    def crashes(self) -> list[str]:
        """Processes that ended by themselves, in words."""
        for program in self.programs:
            program.look()
        return [crash for program in self.programs for crash in program.crashes]

    async def heal(self) -> None:
        """Nothing stands in the way any more; returns when every process answers. Raises TimeoutError after 60 s."""
        for proxy in self.proxies:
            await proxy.change(CALM)
        for program in self.programs:
            program.thaw()
        for node in self.nodes:
            node.clock.ms = 0
        async with asyncio.timeout(RECOVERY_S):
            await each([self.redis, self.mongodb], Program.started)
            await each([*[node.program for node in self.nodes], *self.others], Program.started)

    async def account(self, name: str) -> Account:
        """The agent's account, made when it is first asked for."""
        if name not in self.accounts:
            self.accounts[name] = await self.house.account(name)
        return self.accounts[name]

    async def ticket(self, account: Account) -> str:
        """A ticket for one connection. Raises ConnectionError while Redis is away: the client asks again."""
        try:
            return await self.house.ticket(account)
        except Unavailable as error:
            raise ConnectionError("no ticket at this moment") from error


@asynccontextmanager
async def a_world(directory: Path, seed: str, shape: Shape) -> AsyncIterator[World]:
    """Everything runs and answers within the block; everything is ended after it. Start it in the main thread."""
    redis, mongodb = _redis(directory, shape), store(MONGODB, directory)
    settings = Settings(data_dir=directory, redis_url=_address(redis))
    random = Random(f"{seed}/network")
    async with AsyncExitStack() as opened:
        opened.enter_context(hurried_clients(PACES[shape.pace]))
        for program in (redis, mongodb):
            opened.callback(program.kill)
        await each([redis, mongodb], Program.started)
        await first_run(settings)
        nodes = [await _node(opened, settings, index, random, shape) for index in range(shape.gateways)]
        await each([node.program for node in nodes], Program.started)
        addresses = [_local(int(node.program.environment["AICAN_GATEWAY_PORT"])) for node in nodes]
        balancer = await opened.enter_async_context(Proxy("balancer", addresses, random, narrow=True))
        stores = await opened.enter_async_context(open_stores(settings))
        workspace = await stores.workspaces.first()
        assert workspace is not None
        (site,) = await stores.sites.of(workspace.id)
        house = House(settings, stores, workspace, site)
        others = await _others(opened, settings) if shape.has_all else []
        yield World(directory, redis, mongodb, nodes, balancer, house, others, shape.pace == "quick")


def _redis(directory: Path, shape: Shape) -> Program:
    return FleetProgram(shape.redis, directory) if shape.redis else store(REDIS, directory)


def _address(redis: Program) -> SecretStr | None:
    """Where a fleet is; one Redis alone is where it always is."""
    return SecretStr(redis.fleet.url) if isinstance(redis, FleetProgram) else None


async def _others(opened: AsyncExitStack, settings: Settings) -> list[Program]:
    """The processes that no message passes."""
    port = quiet_port()
    environment = settings.model_copy(update={"web_port": port}).environment()
    others = [
        process("web", ["-m", "gateway.cli", "web"], settings.data_dir, environment, lambda: is_ready(port)),
        process("jobs", ["-m", "gateway.cli", "jobs"], settings.data_dir, environment, lambda: True),
    ]
    for program in others:
        opened.callback(program.kill)
    await each(others, Program.started)
    return others


async def _node(opened: AsyncExitStack, settings: Settings, index: int, random: Random, shape: Shape) -> Node:
    name, broken = f"gateway-{index}", shape.broken[index % len(shape.broken)]

    async def proxy(kind: str, upstreams: Sequence[Address], *, narrow: bool = False) -> Proxy:
        return await opened.enter_async_context(Proxy(f"{kind} of {name}", upstreams, random, narrow=narrow))

    redis_link = await proxy("redis link", [local_redis.socket_path(settings.data_dir)])
    redis = settings.redis_url if shape.redis else SecretStr(f"redis://127.0.0.1:{redis_link.port}/0")
    mongodb_link = await proxy("mongodb link", [local_mongodb.socket_path(settings.data_dir)])
    port = quiet_port()
    front = await proxy("front", [_local(port)], narrow=True)
    own = settings.model_copy(
        update={
            "redis_url": redis,
            "mongodb_url": SecretStr(f"mongodb://127.0.0.1:{mongodb_link.port}/?directConnection=true"),
            "gateway_port": port,
        }
    )
    clock = ClockOffset(settings.data_dir / f"{name}.clock")
    chaos = {"CHAOS_CLOCK": str(clock.path), "CHAOS_PACE": shape.pace, "CHAOS_BROKEN": broken}
    if not shape.redis:
        chaos["CHAOS_REDIS_CLOCK"] = "moved"  # its key has one home only
    program = gateway(name, settings.data_dir, port, {**own.environment(), **chaos}, shape.processes)
    opened.callback(program.kill)
    return Node(program, clock, redis_link, mongodb_link, front)


def _local(port: int) -> Address:
    return ("127.0.0.1", port)
