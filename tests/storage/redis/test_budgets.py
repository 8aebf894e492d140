"""The contract of Budgets, on a real Redis."""

from __future__ import annotations

import asyncio

from redis.asyncio import Redis

from chat.ports import Limited, Rate
from storage.redis import RedisBudgets, Turn
from tests.storage.redis.conftest import ManualClock
from tests.storage.redis.meters import Meter


async def test_a_budget_admits_its_burst_and_then_one_each_period(turn: Turn, redis_clock: ManualClock) -> None:
    budgets, rate = RedisBudgets(turn), Rate(period_ms=10_000, burst=3)
    assert [await budgets.take("door", rate) for _ in range(4)] == [None, None, None, Limited(10_000)]
    assert await budgets.take("another door", rate) is None
    await redis_clock.advance(10_000)
    assert [await budgets.take("door", rate) for _ in range(2)] == [None, Limited(10_000)]


async def test_a_period_of_zero_is_no_limit(turn: Turn) -> None:
    budgets = RedisBudgets(turn)
    assert {await budgets.take("door", Rate(period_ms=0, burst=1)) for _ in range(20)} == {None}


async def test_of_many_at_once_only_the_burst_gets_in(turn: Turn) -> None:
    budgets, rate = RedisBudgets(turn), Rate(period_ms=60_000, burst=5)
    outcomes = await asyncio.gather(*[budgets.take("door", rate) for _ in range(50)])
    assert sum(outcome is None for outcome in outcomes) == 5


async def test_a_full_budget_leaves_no_key(turn: Turn, redis: Redis) -> None:
    await RedisBudgets(turn).take("door", Rate(period_ms=1_000, burst=5))
    assert 0 < await redis.pttl("aican:budget:{door}") <= 1_000


async def test_the_budget_script_does_what_the_meter_does(turn: Turn, redis_clock: ManualClock) -> None:
    # Keys really expire, so the periods are much longer than the test.
    budgets, rate = RedisBudgets(turn), Rate(period_ms=40_000, burst=3)
    meter = Meter(rate)
    for step in range(200):
        await redis_clock.advance((0, 0.001, 13_300, 1, 70_000.5, 0)[step % 6])
        wait = meter.wait_ms(redis_clock.now_ms)
        assert await budgets.take("door", rate) == (Limited(wait) if wait else None)
        if not wait:
            meter.pour(redis_clock.now_ms)
