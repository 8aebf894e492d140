"""The contract of Conversations, on a real MongoDB."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

import pytest

from chat.ids import ConversationId, SiteId, VisitorId, WorkspaceId
from chat.model import Conversation, State
from storage.mongo import Database, MongoConversations
from storage.mongo import conversations as conversations_module
from tests.storage.values import NOW, claimed, conversation

WORKSPACE = WorkspaceId(UUID(int=1))
OTHER = WorkspaceId(UUID(int=9))


@pytest.fixture
def conversations(database: Database) -> MongoConversations:
    return MongoConversations(database)


async def test_what_is_created_is_read_back_unchanged(conversations: MongoConversations) -> None:
    created = claimed(conversation(), uuid4())
    assert await conversations.create(created) == created
    assert await conversations.get(created.id) == created
    assert await conversations.get(ConversationId(uuid4())) is None


async def test_one_id_is_created_once_and_both_get_the_same(conversations: MongoConversations) -> None:
    one_id = uuid4()
    both = await asyncio.gather(*[conversations.create(conversation(id=one_id)) for _ in range(2)])
    assert both[0] == both[1] == await conversations.get(ConversationId(one_id))


async def test_of_two_claims_at_once_exactly_one_wins(conversations: MongoConversations) -> None:
    for _ in range(50):
        waiting = await conversations.create(conversation())
        claims = [claimed(waiting, uuid4()) for _ in range(2)]
        won = await asyncio.gather(*[conversations.save(claim, expecting=waiting.revision) for claim in claims])
        assert sorted(won) == [False, True]
        assert await conversations.get(waiting.id) == claims[won.index(True)]


async def test_nothing_is_saved_over_another_revision(conversations: MongoConversations) -> None:
    waiting = await conversations.create(conversation())
    assert not await conversations.save(claimed(waiting, uuid4()), expecting=1)
    assert not await conversations.save(conversation(), expecting=0)
    assert await conversations.get(waiting.id) == waiting


async def test_the_last_conversation_of_a_visitor_is_the_one_opened_last(conversations: MongoConversations) -> None:
    visitor = VisitorId(uuid4())
    last = conversation(visitor=visitor, opened_at=NOW + 2)
    await _create(
        conversations, conversation(visitor=visitor, opened_at=NOW + 1), last, conversation(opened_at=NOW + 3)
    )
    await _create(conversations, conversation(visitor=visitor, workspace=OTHER, opened_at=NOW + 9))
    assert await conversations.last_of(WORKSPACE, visitor) == last
    assert await conversations.last_of(WORKSPACE, VisitorId(uuid4())) is None


async def test_open_ones_are_waiting_or_active_and_the_oldest_come_first(conversations: MongoConversations) -> None:
    waiting = conversation(opened_at=NOW + 2)
    active = conversation(opened_at=NOW + 1, state=State.ACTIVE)
    ended = conversation(state=State.ENDED, ended_at=NOW)
    await _create(conversations, waiting, active, ended, conversation(workspace=OTHER))
    assert await conversations.open_ones(WORKSPACE, limit=10) == [active, waiting]
    assert await conversations.open_ones(WORKSPACE, limit=2) == [active, waiting]


async def test_of_more_open_ones_than_asked_for_half_are_the_oldest_and_half_the_newest(
    conversations: MongoConversations,
) -> None:
    opened = [conversation(opened_at=NOW + at) for at in range(9)]
    await _create(conversations, *opened)
    assert await conversations.open_ones(WORKSPACE, limit=4) == [*opened[:2], *opened[7:]]
    assert await conversations.open_ones(WORKSPACE, limit=9) == opened


async def test_ended_ones_come_newest_first(conversations: MongoConversations) -> None:
    ended = [conversation(state=State.ENDED, opened_at=NOW - at, ended_at=NOW + at) for at in range(4)]
    await _create(conversations, *ended, conversation())
    assert await conversations.ended_ones(WORKSPACE, limit=3) == [ended[3], ended[2], ended[1]]


async def test_idle_ones_are_open_in_any_workspace_and_were_opened_before(conversations: MongoConversations) -> None:
    old, older = conversation(opened_at=NOW - 1), conversation(opened_at=NOW - 2, workspace=OTHER)
    await _create(conversations, old, older, conversation(opened_at=NOW))
    await _create(conversations, conversation(opened_at=NOW - 3, state=State.ENDED, ended_at=NOW))
    assert await conversations.idle_since(NOW, limit=10) == [older, old]


async def test_a_period_begins_with_its_start_and_ends_before_its_end(conversations: MongoConversations) -> None:
    opened = [conversation(opened_at=NOW + at, site="left" if at % 2 else "right") for at in range(6)]
    await _create(conversations, *reversed(opened), conversation(workspace=OTHER))

    async def found(site: str | None = None, start: int | None = None, end: int | None = None) -> list[Conversation]:
        asked = conversations.opened_between(WORKSPACE, site=SiteId(site) if site else None, start=start, end=end)
        return [each async for each in asked]

    assert await found() == opened
    assert await found(start=NOW + 1, end=NOW + 4) == opened[1:4]
    assert await found(start=NOW + 1, site="left") == [opened[1], opened[3], opened[5]]


async def test_pages_neither_lose_nor_double_conversations_of_one_moment(
    conversations: MongoConversations, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversations_module, "_PAGE", 4)
    opened = [conversation(opened_at=NOW + at // 10) for at in range(30)]
    await _create(conversations, *opened)
    found = [each async for each in conversations.opened_between(WORKSPACE, site=None, start=None, end=None)]
    assert found == sorted(opened, key=lambda each: (each.opened_at, each.id.bytes))


async def _create(conversations: MongoConversations, *values: Conversation) -> None:
    for value in values:
        await conversations.create(value)
