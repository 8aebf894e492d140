"""Deadlines, and what MongoDB's errors mean to callers."""

from __future__ import annotations

import asyncio
from functools import partial
from uuid import UUID

import pytest
from bson import Binary
from pymongo.errors import (
    AutoReconnect,
    DuplicateKeyError,
    NetworkTimeout,
    NotPrimaryError,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
    WTimeoutError,
)
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

from chat.errors import SeqTaken, Unavailable
from chat.ids import ConversationId, Seq, VisitorId
from storage.mongo import Database, MongoConversations, MongoMessages, close, connect, ensure_indexes, ping
from storage.mongo import client as client_module
from storage.mongo.client import means_not_now, reaching, writing
from storage.mongo.messages import latest_of
from tests.storage.values import WORKSPACE, sealed
from tests.storage.waiting import soon

NOWHERE = "mongodb://%2Fnowhere%2Fmongodb.sock/?directConnection=true"


@pytest.mark.parametrize(
    "error",
    [
        AutoReconnect(),
        NetworkTimeout(),
        NotPrimaryError(),
        ServerSelectionTimeoutError(),
        WTimeoutError("no majority", 64),
        OperationFailure("stepped down", 189),
        OperationFailure("shutting down", 11600),
        OperationFailure("disk full", 14031),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_may_pass_later_is_unavailable(error: PyMongoError) -> None:
    assert means_not_now(error)


@pytest.mark.parametrize(
    "error", [DuplicateKeyError("taken", 11000), OperationFailure("may not", 13), OperationFailure("bad value", 2)]
)
def test_what_never_passes_stays_what_it_is(error: PyMongoError) -> None:
    assert not means_not_now(error)


async def test_a_server_that_is_away_is_unavailable_for_every_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "_FIND_SERVER_MS", 200)
    database = connect(NOWHERE)
    somewhere = ConversationId(UUID(int=1))
    async with MongoMessages(database) as messages:
        outcomes = await asyncio.gather(
            ping(database),
            ensure_indexes(database),
            messages.append(sealed(somewhere, 1)),
            messages.after(somewhere, Seq(0), limit=1),
            anext(messages.all(somewhere)),
            MongoConversations(database).get(somewhere),
            return_exceptions=True,
        )
    assert [type(outcome) for outcome in outcomes] == [Unavailable] * 6
    close(database)


async def test_a_call_that_gets_no_answer_ends_at_its_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "_CALL_S", 0.05)

    async def call() -> None:
        async with reaching():
            await asyncio.Event().wait()

    with pytest.raises(Unavailable):
        await soon(call())


async def test_a_server_that_answers_is_reached(database: Database) -> None:
    await ping(database)
    await ensure_indexes(database)


async def test_reads_come_from_the_primary_whatever_the_address_says(mongodb_url: str) -> None:
    database = connect(mongodb_url + "&readPreference=secondary")
    assert database["messages"].read_preference.name == "Primary"
    close(database)


class Noting(CommandListener):
    """Keeps the reads that a client sends."""

    def __init__(self) -> None:
        self.reads: list[tuple[str, object]] = []

    def started(self, event: CommandStartedEvent) -> None:
        if event.command_name in ("find", "aggregate", "count", "distinct"):
            self.reads.append((event.command_name, event.command.get("readConcern")))

    def succeeded(self, event: CommandSucceededEvent) -> None:
        return None

    def failed(self, event: CommandFailedEvent) -> None:
        return None


async def test_every_read_of_the_record_shows_only_what_a_majority_has(
    mongodb_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a replica set the rest may be rolled back. A server that stands alone takes the same."""
    noting = Noting()
    with_ears = partial(client_module.AsyncIOMotorClient, event_listeners=[noting])
    monkeypatch.setattr(client_module, "AsyncIOMotorClient", with_ears)
    database = connect(mongodb_url + "&readConcernLevel=local")
    await ensure_indexes(database)
    here = ConversationId(UUID(int=7))
    conversations = MongoConversations(database)
    async with MongoMessages(database) as messages:
        first, again = sealed(here, 1), sealed(here, 1)
        await messages.append(first)
        await messages.append(first)
        with pytest.raises(SeqTaken):
            await messages.append(again)
        await messages.find(here, first.client_id)
        assert await messages.highest(here) == 1
        assert await messages.after(here, Seq(0), limit=5) == [first]
        assert await messages.before(here, Seq(9), limit=5) == [first]
        assert await messages.latest([here]) == {here: first}
        assert [each async for each in messages.all(here)] == [first]
        await messages.unplaced(here, limit=1)
    await conversations.get(here)
    await conversations.open_ones(WORKSPACE, limit=5)
    await conversations.last_of(WORKSPACE, VisitorId(UUID(int=2)))
    assert {name for name, _ in noting.reads} == {"find", "aggregate"}
    assert [read for read in noting.reads if read[1] != {"level": "majority"}] == []
    async with writing(database["messages"]) as written:
        assert written.read_concern.level == "majority"
    close(database)


@pytest.mark.parametrize(
    ("kinds", "w"),
    [
        ({"Standalone"}, 1),
        ({"RSPrimary", "RSSecondary", "Unknown"}, "majority"),
        ({"RSSecondary", "Unknown"}, "majority"),
        ({"Mongos"}, "majority"),
    ],
    ids=lambda value: ", ".join(sorted(value)) if isinstance(value, set) else str(value),
)
async def test_writes_wait_for_every_journal_that_counts(
    mongodb_url: str, monkeypatch: pytest.MonkeyPatch, kinds: set[str], w: int | str
) -> None:
    """A standalone server that is asked for a majority answers before its journal is written (SERVER-139311)."""
    monkeypatch.setattr(client_module, "_kinds", lambda collection: kinds)
    database = connect(mongodb_url + "&w=0&journal=false")
    async with writing(database["messages"]) as messages:
        concern = messages.write_concern.document
    assert (concern["w"], concern["j"]) == (w, True)
    close(database)


async def test_the_very_first_write_knows_what_kind_of_server_it_has(mongodb_url: str) -> None:
    database = connect(mongodb_url)
    async with writing(database["messages"]) as messages:
        assert messages.write_concern.document == {"w": 1, "j": True}
    close(database)


async def test_ids_are_binary_uuids_of_the_standard_kind(database: Database) -> None:
    await database["things"].insert_one({"_id": UUID(int=5)})
    raw = database["things"].with_options(codec_options=database.codec_options.with_options(uuid_representation=0))
    assert await raw.find_one() == {"_id": Binary(UUID(int=5).bytes, 4)}


async def test_the_latest_messages_cost_one_document_each(database: Database) -> None:
    """However long the conversations are: MongoDB jumps along the index (DISTINCT_SCAN)."""
    here = [ConversationId(UUID(int=each)) for each in range(1, 6)]
    async with MongoMessages(database) as messages:
        await asyncio.gather(*[messages.append(sealed(each, seq)) for each in here for seq in range(1, 101)])
        plan = await database.command(
            "explain",
            {"aggregate": "messages", "pipeline": latest_of(here), "cursor": {}},
            verbosity="executionStats",
            codec_options=database.codec_options,
        )
        assert {
            conversation: each.seq for conversation, each in (await messages.latest(here)).items()
        } == dict.fromkeys(here, 100)
    assert "DISTINCT_SCAN" in str(plan)
    assert "'totalDocsExamined': 5" in str(plan)
