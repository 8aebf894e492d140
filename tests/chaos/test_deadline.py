"""Work that does not end is told of and given up."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from tests.chaos.deadline import Hangs, within

ROOT = Path(__file__).parents[2]


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


def test_a_loop_that_gives_nobody_a_turn_ends_with_its_process_and_says_where() -> None:
    script = """
import asyncio
from tests.chaos import deadline

async def spins():
    while True:
        pass

deadline.STUCK_S = 0.2
asyncio.run(deadline.within(0.1, spins()))
"""
    ended = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=30)
    assert ended.returncode == 1
    assert "in spins" in ended.stderr
