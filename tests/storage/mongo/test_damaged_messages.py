"""Messages' documents that somebody damaged or renumbered: no reader goes astray over them, and none hides them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from msgspec.structs import replace

from chat.ids import ConversationId, Seq
from chat.model import Sealed
from storage.mongo import Database, MongoMessages
from storage.mongo import messages as messages_module
from tests.storage.values import sealed

HERE = ConversationId(uuid4())
HIGHEST = 2**53 - 1
BESIDE = [0, -3, -(2**40), "2", "", None, {"n": 2}, HIGHEST + 1, 10**17, float("nan"), float("inf")]
"""What is no number of a message, and where MongoDB's order puts it beside all numbers."""
BETWEEN = [1.5, [1.25], [0.5, 9]]
"""What is no number either, and stands among them."""


@pytest.fixture
async def messages(database: Database) -> AsyncIterator[MongoMessages]:
    async with MongoMessages(database) as messages:
        yield messages


async def stored(messages: MongoMessages, count: int) -> list[Sealed]:
    said = [sealed(HERE, seq) for seq in range(1, count + 1)]
    await asyncio.gather(*[messages.append(message) for message in said])
    return said


async def renumber(database: Database, message: Sealed, number: object) -> Sealed:
    where = {"_id": {"c": message.conversation, "i": message.client_id}}
    assert (await database["messages"].update_one(where, {"$set": {"s": number}})).modified_count == 1
    return replace(message, seq=Seq(0))


@pytest.mark.parametrize("number", [*BESIDE, *BETWEEN])
async def test_everything_is_read_once_whatever_was_renumbered(
    messages: MongoMessages, database: Database, monkeypatch: pytest.MonkeyPatch, number: object
) -> None:
    monkeypatch.setattr(messages_module, "_PAGE", 2)
    one, two, three = await stored(messages, 3)
    astray = await renumber(database, two, number)
    async with asyncio.timeout(5):
        found = [message async for message in messages.all(HERE)]
    assert sorted(found, key=lambda each: each.client_id) == sorted([one, astray, three], key=lambda x: x.client_id)


@pytest.mark.parametrize("number", [*BESIDE, *BETWEEN])
async def test_readers_go_by_numbers_alone(messages: MongoMessages, database: Database, number: object) -> None:
    one, two, three = await stored(messages, 3)
    await renumber(database, three, number)
    assert await messages.before(HERE, Seq(HIGHEST), limit=9) == [one, two]
    assert await messages.after(HERE, Seq(0), limit=9) == [one, two]
    assert await messages.highest(HERE) == 2


@pytest.mark.parametrize("number", BESIDE)
async def test_what_was_renumbered_to_no_number_is_known(
    messages: MongoMessages, database: Database, number: object
) -> None:
    *_, three = await stored(messages, 3)
    assert await messages.unplaced(HERE, limit=9) == []
    astray = await renumber(database, three, number)
    assert await messages.unplaced(HERE, limit=9) == [astray]
    assert await messages.unplaced(ConversationId(uuid4()), limit=9) == []


@pytest.mark.parametrize("number", ["2", {"n": 2}, 10**17, 1.5])
async def test_the_latest_message_has_a_number_and_tells_what_stands_above_it(
    messages: MongoMessages, database: Database, number: object
) -> None:
    one, two = await stored(messages, 2)
    await renumber(database, two, number)
    assert await messages.latest([HERE]) == {HERE: replace(one, blob=b"")}


async def test_of_messages_that_have_no_number_at_all_the_latest_is_number_0(
    messages: MongoMessages, database: Database
) -> None:
    (one,) = await stored(messages, 1)
    astray = await renumber(database, one, "x")
    assert await messages.latest([HERE]) == {HERE: replace(astray, blob=b"")}
    assert await messages.highest(HERE) == 0


async def test_more_without_a_number_than_a_page_are_all_read(
    messages: MongoMessages, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages_module, "_PAGE", 3)
    said = await stored(messages, 20)
    for index, message in enumerate(said[:15]):
        await renumber(database, message, -index)
    async with asyncio.timeout(5):
        found = [message.client_id async for message in messages.all(HERE)]
    assert len(found) == 20
    assert set(found) == {message.client_id for message in said}


@pytest.mark.parametrize("revision", ["x", None, 1.5, -1, 2**40])
async def test_an_altered_revision_is_none_that_was_sealed(
    messages: MongoMessages, database: Database, revision: object
) -> None:
    (one,) = await stored(messages, 1)
    await database["messages"].update_one({}, {"$set": {"r": revision}})
    (found,) = await messages.after(HERE, Seq(0), limit=9)
    assert found.revision != one.revision
