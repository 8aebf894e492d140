"""The contract of Messages, on a real MongoDB."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from chat.errors import SeqTaken, Unavailable
from chat.ids import ConversationId, Seq
from chat.model import Stored
from storage.mongo import Database, MongoMessages
from storage.mongo import messages as messages_module
from tests.storage.values import renumbered, sealed

HERE = ConversationId(uuid4())
ELSEWHERE = ConversationId(uuid4())


@pytest.fixture
async def messages(database: Database) -> AsyncIterator[MongoMessages]:
    async with MongoMessages(database) as messages:
        yield messages


async def test_what_is_appended_is_read_back_unchanged(messages: MongoMessages) -> None:
    message = sealed(HERE, 1)
    assert await messages.append(message) == Stored(message)
    assert await messages.after(HERE, Seq(0), limit=10) == [message]


async def test_a_known_client_id_returns_what_was_stored_first(messages: MongoMessages) -> None:
    first = sealed(HERE, 1)
    await messages.append(first)
    again = sealed(HERE, 2, client_id=first.client_id)
    assert await messages.append(again) == Stored(first, first=False)
    assert await messages.highest(HERE) == 1


async def test_a_number_that_another_message_has_is_refused(messages: MongoMessages) -> None:
    await messages.append(sealed(HERE, 1))
    with pytest.raises(SeqTaken):
        await messages.append(sealed(HERE, 1))
    assert len(await messages.after(HERE, Seq(0), limit=10)) == 1


async def test_of_a_known_client_id_and_a_taken_number_the_client_id_counts(messages: MongoMessages) -> None:
    first, other = sealed(HERE, 1), sealed(HERE, 2)
    await messages.append(first)
    await messages.append(other)
    breaks_both = sealed(HERE, 2, client_id=first.client_id)
    assert await messages.append(breaks_both) == Stored(first, first=False)


async def test_the_same_client_id_and_number_in_another_conversation_are_another_message(
    messages: MongoMessages,
) -> None:
    here = sealed(HERE, 1)
    there = sealed(ELSEWHERE, 1, client_id=here.client_id)
    assert (await messages.append(here)).first
    assert (await messages.append(there)).first


async def test_five_hundred_at_once_are_stored_once_each(messages: MongoMessages) -> None:
    once = [sealed(HERE, seq) for seq in range(1, 401)]
    repeated = random.Random(1).sample(once, 100)
    stored = await asyncio.gather(*[messages.append(message) for message in once + repeated])
    assert [each.sealed for each in stored] == once + repeated
    assert [each.first for each in stored] == [True] * 400 + [False] * 100
    assert [message async for message in messages.all(HERE)] == once


async def test_a_repetition_in_the_same_batch_returns_the_first_one(messages: MongoMessages) -> None:
    first = sealed(HERE, 1)
    numbered_again = renumbered(first, 2)
    stored = await asyncio.gather(messages.append(first), messages.append(numbered_again), messages.append(first))
    assert stored == [Stored(first), Stored(first, first=False), Stored(first, first=False)]


async def test_one_refused_message_does_not_touch_the_others_of_its_batch(messages: MongoMessages) -> None:
    await messages.append(sealed(HERE, 5))
    batch = [sealed(HERE, seq) for seq in range(1, 11)]
    outcomes = await asyncio.gather(*[messages.append(message) for message in batch], return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [Stored] * 4 + [SeqTaken] + [Stored] * 5


async def test_two_of_a_batch_with_one_number_get_it_and_are_refused(messages: MongoMessages) -> None:
    outcomes = await asyncio.gather(
        messages.append(sealed(HERE, 1)), messages.append(sealed(HERE, 1)), return_exceptions=True
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["SeqTaken", "Stored"]


async def test_a_cancelled_caller_breaks_nobody_and_its_message_is_stored(messages: MongoMessages) -> None:
    tasks = [asyncio.create_task(messages.append(sealed(HERE, seq))) for seq in range(1, 51)]
    await asyncio.sleep(0)
    for task in tasks[::2]:
        task.cancel()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [asyncio.CancelledError, Stored] * 25
    # The next commit goes out after the one that the cancelled ones were in.
    await messages.append(sealed(HERE, 51))
    assert [message.seq async for message in messages.all(HERE)] == list(range(1, 52))


async def test_more_than_can_wait_is_refused_at_once(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages_module, "_WAITING", 20)
    async with MongoMessages(database) as messages:
        batch = [sealed(HERE, seq) for seq in range(1, 101)]
        outcomes = await asyncio.gather(*[messages.append(message) for message in batch], return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {Stored, Unavailable}
    assert sum(isinstance(outcome, Stored) for outcome in outcomes) == 20


async def test_what_was_asked_before_closing_is_stored(database: Database) -> None:
    async with MongoMessages(database) as messages:
        tasks = [asyncio.create_task(messages.append(sealed(HERE, seq))) for seq in range(1, 601)]
        await asyncio.sleep(0)
    assert [stored.first for stored in await asyncio.gather(*tasks)] == [True] * 600
    with pytest.raises(Unavailable):
        await messages.append(sealed(HERE, 601))


async def test_messages_are_read_in_order_from_a_place(messages: MongoMessages) -> None:
    for seq in (3, 1, 5, 2, 4):
        await messages.append(sealed(HERE, seq))
    await messages.append(sealed(ELSEWHERE, 9))
    assert [each.seq for each in await messages.after(HERE, Seq(2), limit=2)] == [3, 4]
    assert [each.seq for each in await messages.before(HERE, Seq(4), limit=2)] == [2, 3]
    assert [each.seq for each in await messages.before(HERE, Seq(99), limit=99)] == [1, 2, 3, 4, 5]
    assert await messages.after(HERE, Seq(5), limit=9) == []
    assert await messages.after(HERE, Seq(0), limit=0) == []


async def test_the_highest_number_is_zero_where_nothing_is(messages: MongoMessages) -> None:
    await messages.append(sealed(HERE, 7))
    assert await messages.highest(HERE) == 7
    assert await messages.highest(ELSEWHERE) == 0


async def test_the_latest_message_of_each_conversation_that_has_one(messages: MongoMessages) -> None:
    last_here, last_there = sealed(HERE, 3), sealed(ELSEWHERE, 8)
    for message in (sealed(HERE, 1), last_here, sealed(HERE, 2), last_there):
        await messages.append(message)
    asked = [HERE, ELSEWHERE, ConversationId(uuid4())]
    assert await messages.latest(asked) == {HERE: last_here, ELSEWHERE: last_there}
    assert await messages.latest([]) == {}


async def test_all_messages_cross_the_borders_of_pages(
    messages: MongoMessages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages_module, "_PAGE", 7)
    expected = [sealed(HERE, seq) for seq in range(1, 22)]
    await asyncio.gather(*[messages.append(message) for message in reversed(expected)])
    assert [message async for message in messages.all(HERE)] == expected


async def test_the_record_holds_binary_ids_and_no_more_than_is_needed(
    messages: MongoMessages, database: Database
) -> None:
    message = sealed(HERE, 1)
    await messages.append(message)
    assert await database["messages"].find_one() == {
        "_id": {"c": message.conversation, "i": message.client_id},
        "s": 1,
        "w": message.workspace,
        "r": 0,
        "t": message.at,
        "b": message.blob,
    }
