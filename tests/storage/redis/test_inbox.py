"""What waits to be taken is bounded, and losing it is never silent."""

from __future__ import annotations

import asyncio

from storage.redis.inbox import Inbox
from tests.storage.waiting import next_of, soon


async def test_facts_are_taken_in_order_of_arrival() -> None:
    inbox = Inbox()
    inbox.put("a", b"1")
    inbox.put("b", b"2")
    taken = inbox.taken()
    assert [await next_of(taken), await next_of(taken)] == [("a", b"1"), ("b", b"2")]


async def test_a_reader_that_waits_gets_what_comes() -> None:
    inbox = Inbox()
    reader = asyncio.create_task(anext(inbox.taken()))
    await asyncio.sleep(0)
    inbox.put("a", b"1")
    assert await soon(reader) == ("a", b"1")


async def test_too_much_is_dropped_and_told() -> None:
    inbox = Inbox(most=10_000)
    for _ in range(9):
        inbox.put("a", bytes(1_000))
    taken = inbox.taken()
    assert await next_of(taken) is None
    inbox.put("a", b"after")
    assert await next_of(taken) == ("a", b"after")


async def test_many_small_facts_are_bounded_too() -> None:
    inbox = Inbox(most=10_000)
    for _ in range(100):
        inbox.put("a", b"")
    assert await next_of(inbox.taken()) is None


async def test_what_was_taken_makes_room() -> None:
    inbox = Inbox(most=10_000)
    taken = inbox.taken()
    for _ in range(100):
        inbox.put("a", bytes(1_000))
        assert await next_of(taken) == ("a", bytes(1_000))


async def test_a_loss_is_told_between_what_came_before_and_after() -> None:
    inbox = Inbox()
    inbox.put("a", b"before")
    inbox.miss()
    inbox.miss()
    inbox.put("a", b"after")
    inbox.close()
    assert [item async for item in inbox.taken()] == [("a", b"before"), None, ("a", b"after")]
