"""Contracts hold on one server and on a Cluster; both are real."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from redis.asyncio import Redis, RedisCluster

from storage.redis import Turn, budgets, connect, numbers, presence
from storage.redis.scripts import lua, script
from storage.redis.servers import Servers
from tests.storage.redis.fleet import ClusterFleet, WatchedFleet

ONE_SERVER, CLUSTER = "one server", "Cluster"
on_one_server = pytest.mark.parametrize("deployment", [ONE_SERVER], indirect=True)
"""For what has nothing to do with how many servers there are."""


class WholeCluster(RedisCluster):
    """What the driver asks only one server, or wants to be the same on all."""

    async def keys(self, pattern: str = "*", **_: Any) -> list[bytes]:
        """Of all masters."""
        found = [await each.execute_command("KEYS", pattern) for each in self.get_primaries()]
        return [key for keys in found for key in keys]

    async def script_exists(self, *hashes: str) -> list[bool]:
        """Whether any master knows it."""
        found = [await each.execute_command("SCRIPT EXISTS", *hashes) for each in self.get_primaries()]
        return [any(one) for one in zip(*found, strict=True)]


@pytest.fixture(scope="session")
def cluster_fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClusterFleet]:
    """A Cluster, once for a session; who kills a server starts it again."""
    fleet = ClusterFleet(tmp_path_factory.mktemp("fleets") / "cluster")
    try:
        fleet.start()
        yield fleet
    finally:
        fleet.stop()


@pytest.fixture(scope="session")
def watched_fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WatchedFleet]:
    """A master with a replica and a Sentinel."""
    fleet = WatchedFleet(tmp_path_factory.mktemp("fleets") / "watched")
    try:
        fleet.start()
        yield fleet
    finally:
        fleet.stop()


@pytest.fixture(params=[ONE_SERVER, CLUSTER])
def deployment(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def url(request: pytest.FixtureRequest, deployment: str) -> str:
    """The address of a Redis without any key."""
    if deployment == ONE_SERVER:
        return str(request.getfixturevalue("redis_url"))
    return str(request.getfixturevalue("cluster_fleet").url)


@pytest.fixture
async def redis(request: pytest.FixtureRequest, deployment: str, url: str) -> AsyncIterator[Redis]:
    """The driver's own client, to look behind the adapters."""
    if deployment == ONE_SERVER:
        async with Redis.from_url(url) as client:
            yield client
        return
    port = request.getfixturevalue("cluster_fleet").servers[1].port
    async with WholeCluster(host="127.0.0.1", port=port) as cluster:
        await cluster.flushall()
        await cluster.script_flush()
        yield cluster  # type: ignore[misc]  # the same commands, as far as tests need them


@pytest.fixture
def servers(url: str, redis: Redis) -> Servers:
    return connect(url)


@pytest.fixture
async def turn(servers: Servers) -> AsyncIterator[Turn]:
    async with Turn(servers) as turn:
        yield turn


class ManualClock:
    """Redis' time as the scripts see it, in milliseconds. It is part of their text: a Cluster has no key for all."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self.now_ms = 1_790_000_000_000.0

    async def advance(self, ms: float) -> None:
        self.now_ms += ms
        clock = f"local function now_us() return {self.now_ms * 1000:.0f} end"
        self._monkeypatch.setattr(numbers, "NUMBER", script(clock, lua("gcra"), lua("number")))
        self._monkeypatch.setattr(budgets, "TAKE", script(clock, lua("gcra"), lua("take")))
        self._monkeypatch.setattr(presence, "TOUCH", script(clock, lua("touch")))
        self._monkeypatch.setattr(presence, "ONLINE", script(clock, lua("online")))


@pytest.fixture
async def redis_clock(monkeypatch: pytest.MonkeyPatch) -> ManualClock:
    """The scripts that ask for the time, put together with a clock that stands until it is moved."""
    clock = ManualClock(monkeypatch)
    await clock.advance(0)
    return clock
