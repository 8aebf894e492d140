"""Conversations' documents that somebody damaged: each is told of by itself, and takes no other with it."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest
from bson import Decimal128, ObjectId, Regex
from bson.datetime_ms import DatetimeMS
from msgspec.structs import replace

from chat.ids import ConversationId, SiteId, VisitorId
from chat.model import Conversation, State
from storage.mongo import Database, MongoConversations, MongoMessages
from storage.mongo import conversations as conversations_module
from storage.mongo.documents import UNOPENABLE
from tests.storage.values import NOW, WORKSPACE, conversation, sealed

GONE = object()
HARMS = [
    ("site", 7),
    ("site", GONE),
    ("state", 77),
    ("state", 0),
    ("state", "waiting"),
    ("state", [1]),
    ("state", GONE),
    ("revision", "x"),
    ("revision", -1),
    ("revision", 2**60),
    ("agent", "x"),
    ("agent", GONE),
    ("opened_at", "2026-11-23"),
    ("opened_at", -1),
    ("opened_at", 10**17),
    ("opened_at", float("nan")),
    ("opened_at", NOW + 0.5),
    ("opened_at", [NOW]),
    ("opened_at", DatetimeMS(2**60)),
    ("opened_at", None),
    ("opened_at", GONE),
    ("claimed_at", 10**17),
    ("ended_at", {"at": 1}),
    ("epoch", 65_536),
    ("epoch", Decimal128("0")),
    ("details", "a text"),
    ("details", Regex("a")),
    ("details", ObjectId()),
    ("details", GONE),
]


@pytest.fixture
def conversations(database: Database) -> MongoConversations:
    return MongoConversations(database)


async def harmed(database: Database, conversation: Conversation, field: str, value: object) -> None:
    change = {"$unset": {field: 1}} if value is GONE else {"$set": {field: value}}
    result = await database["conversations"].update_one({"_id": conversation.id}, change)
    assert result.modified_count == 1


async def created(conversations: MongoConversations, *values: Conversation) -> None:
    for value in values:
        await conversations.create(value)


async def exported(conversations: MongoConversations, **asked: Any) -> list[Conversation]:
    everything: dict[str, Any] = {"site": None, "start": None, "end": None}
    return [each async for each in conversations.opened_between(WORKSPACE, **{**everything, **asked})]


@pytest.mark.parametrize(("field", "value"), HARMS)
async def test_a_damaged_conversation_is_told_of_and_takes_no_other_with_it(
    conversations: MongoConversations, database: Database, field: str, value: object
) -> None:
    whole = [conversation(opened_at=NOW - 1), conversation(opened_at=NOW + 1)]
    hurt = conversation(opened_at=NOW)
    await created(conversations, *whole, hurt)
    await harmed(database, hurt, field, value)
    found = await conversations.get(hurt.id)
    assert found is not None
    assert found.damaged == (field,)
    assert replace(found, **{field: getattr(hurt, field)}, damaged=()) == hurt, "what is not damaged is as it was"
    assert await conversations.kept(WORKSPACE, hurt.id) == found
    everything = await exported(conversations)
    assert sorted(everything, key=lambda each: each.id) == sorted([*whole, found], key=lambda each: each.id)
    assert set(await conversations.open_ones(WORKSPACE, limit=10)) == {*whole, found}
    assert await conversations.last_of(WORKSPACE, hurt.visitor) == found


@pytest.mark.parametrize(("field", "value"), [(field, value) for field, value in HARMS if field == "opened_at"])
async def test_a_conversation_of_no_known_time_is_in_every_period(
    conversations: MongoConversations, database: Database, field: str, value: object
) -> None:
    hurt, later = conversation(), conversation(opened_at=NOW + 10)
    await created(conversations, hurt, later)
    await harmed(database, hurt, field, value)
    period = {"start": NOW, "end": NOW + 1} if isinstance(value, float | list) else {"start": NOW + 5, "end": NOW + 20}
    assert hurt.id in [each.id for each in await exported(conversations, **period)]


async def test_a_conversation_of_no_known_site_is_every_site_s(
    conversations: MongoConversations, database: Database
) -> None:
    here, elsewhere = conversation(site="here"), conversation(site="elsewhere")
    await created(conversations, here, elsewhere)
    await harmed(database, elsewhere, "site", 7)
    assert {each.id for each in await exported(conversations, site=SiteId("here"))} == {here.id, elsewhere.id}


@pytest.mark.parametrize("value", ["x", GONE, b"short", None, [7]])
async def test_whose_visitor_s_it_was_nothing_stands_in_for(
    conversations: MongoConversations, database: Database, value: object
) -> None:
    hurt, whole = conversation(), conversation(opened_at=NOW + 1)
    await created(conversations, hurt, whole)
    await harmed(database, hurt, "visitor", value)
    assert await conversations.get(hurt.id) is None
    assert await conversations.open_ones(WORKSPACE, limit=9) == [whole]
    kept = await conversations.kept(WORKSPACE, hurt.id)
    assert kept == replace(hurt, visitor=VisitorId(UUID(int=0)), damaged=("visitor",))
    assert await exported(conversations) == [kept, whole]


@pytest.mark.parametrize("value", ["x", GONE, b"short", b"longer than any identifier", None, [7]])
async def test_whose_workspace_s_it_was_its_first_message_says(
    conversations: MongoConversations, database: Database, value: object
) -> None:
    ours, theirs, nobodys, whole = (conversation(opened_at=NOW + at) for at in range(4))
    await created(conversations, ours, theirs, nobodys, whole)
    async with MongoMessages(database) as messages:
        await messages.append(sealed(ours.id, 1))
        await messages.append(sealed(theirs.id, 1, workspace=UUID(int=9)))
    for hurt in (ours, theirs, nobodys):
        await harmed(database, hurt, "workspace", value)
        assert await conversations.get(hurt.id) is None
    told = replace(ours, damaged=("workspace",))
    assert await exported(conversations) == [told, whole]
    assert await conversations.kept(WORKSPACE, ours.id) == told
    assert await conversations.kept(WORKSPACE, theirs.id) is None
    assert await conversations.kept(WORKSPACE, nobodys.id) is None


async def test_a_whole_number_that_a_shell_wrote_as_a_fraction_is_no_damage(
    conversations: MongoConversations, database: Database
) -> None:
    mended = conversation()
    await created(conversations, mended)
    await harmed(database, mended, "opened_at", float(NOW))
    assert await conversations.get(mended.id) == mended
    assert await exported(conversations) == [mended]


async def test_pages_neither_lose_nor_double_what_has_no_place(
    conversations: MongoConversations, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversations_module, "_PAGE", 4)
    opened = [conversation(opened_at=NOW + at // 3) for at in range(40)]
    await created(conversations, *opened)
    for hurt in opened[::3]:
        await harmed(database, hurt, "opened_at", [hurt.opened_at])
    for hurt in opened[1::6]:
        await harmed(database, hurt, "opened_at", "x")
    found = [each.id for each in await exported(conversations)]
    assert len(found) == len(opened)
    assert set(found) == {each.id for each in opened}


async def test_a_state_that_is_damaged_is_concluded_from_the_rest(
    conversations: MongoConversations, database: Database
) -> None:
    waiting = conversation()
    active = replace(conversation(), agent=uuid4(), state=State.ACTIVE)
    ended = conversation(state=State.ENDED, ended_at=NOW + 5)
    for each in (waiting, active, ended):
        await created(conversations, each)
        await harmed(database, each, "state", 77)
        found = await conversations.get(each.id)
        assert found is not None
        assert found.state is each.state


async def test_what_is_saved_leaves_what_a_conversation_began_with_as_it_is(
    conversations: MongoConversations, database: Database
) -> None:
    hurt = conversation()
    await created(conversations, hurt)
    await harmed(database, hurt, "details", "what somebody may still mend")
    found = await conversations.get(hurt.id)
    assert found is not None
    assert found.details == UNOPENABLE
    assert await conversations.save(replace(found, state=State.ENDED, ended_at=NOW, revision=1), expecting=0)
    document = await database["conversations"].find_one({"_id": hurt.id})
    assert document is not None
    assert (document["details"], document["state"]) == ("what somebody may still mend", State.ENDED)
    assert "damaged" not in document


@pytest.mark.parametrize("value", ["x", GONE, -1, 2**60, 1.5])
async def test_of_two_changes_to_a_damaged_revision_exactly_one_wins(
    conversations: MongoConversations, database: Database, value: object
) -> None:
    hurt = conversation()
    await created(conversations, hurt)
    await harmed(database, hurt, "revision", value)
    found = await conversations.get(hurt.id)
    assert found is not None
    claim = replace(found, state=State.ACTIVE, revision=found.revision + 1)
    won = await asyncio.gather(*[conversations.save(claim, expecting=found.revision) for _ in range(2)])
    assert sorted(won) == [False, True]
    kept = await conversations.get(hurt.id)
    assert kept is not None
    assert (kept.revision, kept.damaged) == (1, ())


async def test_the_log_names_collection_and_id_once_and_never_the_content(
    conversations: MongoConversations, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    hurt = conversation()
    await created(conversations, hurt)
    await harmed(database, hurt, "opened_at", "what nobody may read")
    for _ in range(3):
        await conversations.get(hurt.id)
        await exported(conversations)
    assert [(each.levelname, each.getMessage()) for each in caplog.records] == [
        ("ERROR", f"a damaged document in conversations, _id {hurt.id}, is read without: opened_at")
    ]


async def test_a_conversation_that_calls_itself_damaged_is_not(
    conversations: MongoConversations, database: Database
) -> None:
    whole = conversation()
    await created(conversations, whole)
    await harmed(database, whole, "damaged", ["details"])
    assert await conversations.get(whole.id) == whole
    assert await conversations.get(ConversationId(uuid4())) is None
