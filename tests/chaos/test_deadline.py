"""Work that does not end is told of and given up."""

from __future__ import annotations

import asyncio

import pytest

from tests.chaos.deadline import Hangs, within


async def test_work_that_ends_in_time_is_left_alone() -> None:
    done = []

    async def work() -> None:
        await asyncio.sleep(0)
        done.append(True)

    await within(5, work())
    assert done == [True]


async def test_what_work_raises_is_raised() -> None:
    async def work() -> None:
        raise LookupError("of its own")

    with pytest.raises(LookupError, match="of its own"):
        await within(5, work())


async def test_work_that_hangs_is_given_up_and_cleans_up_after_itself() -> None:
    cleaned = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            cleaned.append(True)

    with pytest.raises(Hangs, match=r"not over after 0\.05 s"):
        await within(0.05, work())
    assert cleaned == [True]


async def test_where_each_task_stood_is_told_down_to_what_it_waits_for() -> None:
    async def inner() -> None:
        await asyncio.Event().wait()

    async def middle() -> None:
        await inner()

    async def work() -> None:
        async with asyncio.TaskGroup() as tasks:
            for _ in range(3):
                tasks.create_task(middle())

    with pytest.raises(Hangs) as hangs:
        await within(0.05, work())
    _, three, one = str(hangs.value).splitlines()
    assert three.strip().startswith("3 × middle (tests/chaos/test_deadline.py:")
    assert "> inner (tests/chaos/test_deadline.py:" in three
    assert "> wait (" in three
    assert one.strip().startswith("1 × work (tests/chaos/test_deadline.py:")


async def test_work_is_given_up_with_who_waits_for_it() -> None:
    begun, cancelled = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    waiting = asyncio.create_task(within(60, work()))
    await begun.wait()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert cancelled.is_set()
