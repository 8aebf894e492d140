"""The adapters on the real stores, on the event loop that production runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
import uvloop
from redis.asyncio import Redis

from storage import mongo
from storage import redis as redis_adapters
from storage.redis import budgets, numbers, presence
from storage.redis.scripts import lua, script


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "stores" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.stores)


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"uvloop": uvloop.new_event_loop}


@pytest.fixture
async def database(mongodb_url: str) -> AsyncIterator[mongo.Database]:
    database = mongo.connect(mongodb_url)
    await mongo.ensure_indexes(database)
    yield database
    mongo.close(database)


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    client = redis_adapters.connect(redis_url)
    yield client
    await client.aclose()


@pytest.fixture
async def turn(redis: Redis) -> AsyncIterator[redis_adapters.Turn]:
    async with redis_adapters.Turn(redis) as turn:
        yield turn


class ManualClock:
    """Redis' time as the scripts see it, in milliseconds."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self.now_ms = 1_790_000_000_000.0

    async def advance(self, ms: float) -> None:
        self.now_ms += ms
        await self._redis.set("test:now", f"{self.now_ms * 1000:.0f}")


@pytest.fixture
async def redis_clock(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> ManualClock:
    """The scripts that ask for the time, put together with a clock that stands until it is moved."""
    manual = "local function now_us() return tonumber(redis.call('GET', 'test:now')) end"
    monkeypatch.setattr(numbers, "NUMBER", script(manual, lua("gcra"), lua("number")))
    monkeypatch.setattr(budgets, "TAKE", script(manual, lua("gcra"), lua("take")))
    monkeypatch.setattr(presence, "TOUCH", script(manual, lua("touch")))
    monkeypatch.setattr(presence, "ONLINE", script(manual, lua("online")))
    clock = ManualClock(redis)
    await clock.advance(0)
    return clock
