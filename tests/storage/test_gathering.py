"""Calls gather while others are under way, and nobody loses an answer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from time import monotonic

import pytest

from chat.errors import Unavailable
from storage.gathering import Gathering
from tests.storage.waiting import soon


class Store:
    """Answers with the tenfold, batch by batch, as long as the gate is open."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.begun: list[float] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def carry(self, asked: Sequence[int]) -> list[int | Exception]:
        self.batches.append(list(asked))
        self.begun.append(monotonic())
        await self.gate.wait()
        if -1 in asked:
            raise Unavailable("away")
        return [LookupError("mine alone") if each < 0 else each * 10 for each in asked]

    def gathering(
        self, *, lanes: int = 1, most: int = 4, waiting: int = 100, apart_s: float = 0.0
    ) -> Gathering[int, int]:
        return Gathering(self.carry, lanes=lanes, most=most, waiting=waiting, apart_s=apart_s)


@pytest.fixture
def store() -> Store:
    return Store()


async def test_calls_of_one_turn_go_together_and_each_gets_its_answer(store: Store) -> None:
    calls = store.gathering()
    async with calls:
        assert await asyncio.gather(*[calls.put(each) for each in range(3)]) == [0, 10, 20]
    assert store.batches == [[0, 1, 2]]


async def test_what_comes_while_one_is_under_way_goes_next(store: Store) -> None:
    calls = store.gathering()
    async with calls:
        store.gate.clear()
        first = calls.put(0)
        await asyncio.sleep(0)
        gathered = [calls.put(each) for each in range(1, 7)]
        await asyncio.sleep(0)
        store.gate.set()
        assert await asyncio.gather(first, *gathered) == [0, 10, 20, 30, 40, 50, 60]
    assert store.batches == [[0], [1, 2, 3, 4], [5, 6]]


async def test_batches_begin_apart_whichever_lane_is_idle_and_the_later_takes_all_that_came(store: Store) -> None:
    calls = store.gathering(lanes=2, apart_s=0.05)
    async with calls:
        assert await calls.put(0) == 0
        rest = [calls.put(1)]
        await asyncio.sleep(0)
        rest.append(calls.put(2))
        assert await asyncio.gather(*rest) == [10, 20]
    assert store.batches == [[0], [1, 2]]
    assert store.begun[1] - store.begun[0] > 0.048  # timers count in milliseconds


async def test_who_waits_for_a_batch_to_begin_is_told_when_the_owner_fails(store: Store) -> None:
    calls = store.gathering(apart_s=600.0)
    waiting: list[asyncio.Future[int]] = []

    async def owner() -> None:
        async with calls:
            assert await calls.put(0) == 0
            waiting.append(calls.put(1))
            await asyncio.sleep(0)
            raise LookupError

    with pytest.raises(LookupError):
        await owner()
    with pytest.raises(Unavailable):
        await soon(waiting[0])


async def test_two_lanes_have_two_batches_under_way(store: Store) -> None:
    calls = store.gathering(lanes=2)
    async with calls:
        store.gate.clear()
        under_way = []
        for each in range(4):
            under_way.append(calls.put(each))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        assert store.batches == [[0], [1]]
        store.gate.set()
        await asyncio.gather(*under_way)
    assert store.batches == [[0], [1], [2, 3]]


async def test_one_refused_call_is_its_callers_alone(store: Store) -> None:
    calls = store.gathering()
    async with calls:
        answers = await asyncio.gather(*[calls.put(each) for each in (1, -2, 3)], return_exceptions=True)
    assert answers[0] == 10
    assert isinstance(answers[1], LookupError)
    assert answers[2] == 30


async def test_a_store_that_is_away_is_away_for_the_whole_batch_and_not_for_the_next(store: Store) -> None:
    calls = store.gathering()
    async with calls:
        answers = await asyncio.gather(*[calls.put(each) for each in (1, -1, 3)], return_exceptions=True)
        assert [type(answer) for answer in answers] == [Unavailable] * 3
        assert await calls.put(4) == 40


async def test_too_many_are_turned_away_at_once(store: Store) -> None:
    calls = store.gathering(waiting=5)
    async with calls:
        answers = await asyncio.gather(*[calls.put(each) for each in range(8)], return_exceptions=True)
    assert answers[:5] == [0, 10, 20, 30, 40]
    assert [type(answer) for answer in answers[5:]] == [Unavailable] * 3


async def test_a_call_that_waited_too_long_is_told_and_not_carried(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1_000.0
    monkeypatch.setattr("storage.gathering.monotonic", lambda: now)
    calls = store.gathering()
    async with calls:
        store.gate.clear()
        under_way = calls.put(1)
        await asyncio.sleep(0)
        too_long = [calls.put(each) for each in range(2, 12)]
        now += 1.5
        not_long = calls.put(12)
        now += 1.0
        store.gate.set()
        answers = await asyncio.gather(under_way, *too_long, not_long, return_exceptions=True)
    assert answers[0] == 10
    assert [type(answer) for answer in answers[1:-1]] == [Unavailable] * 10
    assert answers[-1] == 120
    assert store.batches == [[1], [12]]


async def test_closing_carries_what_was_asked_and_nothing_more(store: Store) -> None:
    calls = store.gathering()
    async with calls:
        asked = [calls.put(each) for each in range(10)]
    assert await asyncio.gather(*asked) == [each * 10 for each in range(10)]
    with pytest.raises(Unavailable):
        await calls.put(1)


async def test_closing_does_not_wait_for_ever(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.gathering._LAST_ANSWERS_S", 0.05)
    store.gate.clear()
    calls = store.gathering(most=1)
    async with calls:
        asked = [calls.put(each) for each in range(3)]
    answers = await soon(asyncio.gather(*asked, return_exceptions=True))
    assert [type(answer) for answer in answers] == [Unavailable] * 3


async def test_an_owner_that_fails_keeps_its_own_error_and_nobody_waits(store: Store) -> None:
    store.gate.clear()
    calls = store.gathering(most=1)
    asked: list[asyncio.Future[int]] = []

    async def owner() -> None:
        async with calls:
            asked.extend(calls.put(each) for each in range(3))
            await asyncio.sleep(0)
            raise LookupError("the owner's")

    with pytest.raises(LookupError, match="the owner's"):
        await owner()
    answers = await soon(asyncio.gather(*asked, return_exceptions=True))
    assert [type(answer) for answer in answers] == [Unavailable] * 3


async def test_a_lane_that_ends_takes_its_owner_down_and_nobody_waits() -> None:
    async def too_few(batch: Sequence[int]) -> list[int | Exception]:
        return []

    calls: Gathering[int, int] = Gathering(too_few, lanes=1, most=2, waiting=100)
    asked: list[asyncio.Future[int]] = []

    async def owner() -> None:
        async with calls:
            asked.extend(calls.put(each) for each in range(5))
            await asyncio.Event().wait()

    with pytest.raises(ExceptionGroup) as caught:
        await soon(owner())
    assert caught.group_contains(ValueError)
    answers = await soon(asyncio.gather(*asked, return_exceptions=True))
    assert [type(answer) for answer in answers] == [Unavailable] * 5
