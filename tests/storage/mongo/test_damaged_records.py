"""Documents of people, sites and keys that somebody damaged: what can be used is, and nobody gets in by damage."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from msgspec.structs import replace

from chat.errors import Tampered
from chat.ids import ConversationId, Epoch, SubjectId, VisitorId, WorkspaceId
from chat.model import AccountRole, ApiToken, Invitation, VisitorProfile, Workspace
from storage.mongo import (
    Database,
    MongoAccounts,
    MongoApiTokens,
    MongoInvitations,
    MongoSites,
    MongoVisitors,
    MongoWorkspaces,
    MongoWrappedKeys,
)
from storage.mongo.client import Document
from storage.mongo.documents import UNOPENABLE
from storage.mongo.paging import paged
from tests.storage.mongo.test_sites import site
from tests.storage.values import NOW, WORKSPACE, account


async def harmed(database: Database, collection: str, **changes: object) -> None:
    result = await database[collection].update_many({}, {"$set": changes})
    assert result.modified_count


async def test_a_damaged_site_is_embedded_nowhere_and_greets_nobody(database: Database) -> None:
    sites, whole = MongoSites(database), site("whole")
    await sites.add(whole)
    await harmed(database, "sites", greeting=7, origins="https://evil.example", name=None, policy_url=[])
    found = await sites.get(whole.id)
    assert found is not None
    assert (found.name, found.origins, found.greeting) == (whole.id, (), "")
    assert found.policy_url == f"/policy?site={whole.id}"
    assert found.damaged == ("name", "origins", "greeting", "policy_url")
    other = site("other", created_at=NOW + 1)
    await sites.add(other)
    assert await sites.of(WORKSPACE) == [found, other]


async def test_a_site_of_nobody_is_none(database: Database) -> None:
    sites, whole = MongoSites(database), site("whole")
    await sites.add(whole)
    await harmed(database, "sites", workspace="x")
    assert await sites.get(whole.id) is None


@pytest.mark.parametrize("field", ["name", "email"])
async def test_a_name_that_is_damaged_does_not_open(database: Database, field: str) -> None:
    accounts, visitors = MongoAccounts(database), MongoVisitors(database)
    person, profile = account(), VisitorProfile(VisitorId(uuid4()), WORKSPACE, b"name", b"address")
    await accounts.add(person)
    await visitors.save(profile)
    for collection in ("accounts", "visitors"):
        await harmed(database, collection, **{field: "a text"})
    assert await accounts.get(person.id) == replace(person, **{field: UNOPENABLE})
    assert await visitors.get(profile.visitor) == replace(profile, **{field: UNOPENABLE})


@pytest.mark.parametrize("change", [{"role": "king"}, {"password_hash": 7}, {"disabled_at": "never"}])
async def test_nobody_gets_in_by_damage_to_an_account(database: Database, change: dict[str, Any]) -> None:
    accounts, person = MongoAccounts(database), account()
    await accounts.add(person)
    await harmed(database, "accounts", **change)
    whole = account()
    await accounts.add(whole)
    assert await accounts.get(person.id) is None
    assert await accounts.by_email(person.email_index) is None
    assert await accounts.of(WORKSPACE) == [whole]


async def test_a_damaged_link_and_a_damaged_token_open_nothing(database: Database) -> None:
    links, tokens = MongoInvitations(database), MongoApiTokens(database)
    await links.add(Invitation(b"hash", WORKSPACE, AccountRole.ADMIN, NOW + 1))
    await tokens.add(ApiToken(b"hash", WORKSPACE, "a token", NOW))
    await harmed(database, "invitations", role=7)
    await harmed(database, "api_tokens", scopes="transcripts:read")
    assert await links.get(b"hash", now=NOW) is None
    assert await tokens.get(b"hash", now=NOW) is None


async def test_a_workspace_whose_name_is_damaged_is_there(database: Database) -> None:
    workspaces, whole = MongoWorkspaces(database), Workspace(WorkspaceId(uuid4()), "Fern", NOW)
    await workspaces.add(whole)
    await harmed(database, "workspaces", name=7)
    assert await workspaces.get(whole.id) == replace(whole, name="")
    assert await workspaces.first() == replace(whole, name="")


@pytest.mark.parametrize("value", [None, "text", 7])
async def test_a_damaged_key_unwraps_to_nothing(database: Database, value: object) -> None:
    keys, who, conversation = MongoWrappedKeys(database), SubjectId(uuid4()), ConversationId(uuid4())
    await keys.add_person(WORKSPACE, who, b"wrapped")
    await keys.add_conversation(who, conversation, Epoch(0), b"wrapped")
    for collection in ("person_keys", "conversation_keys"):
        await harmed(database, collection, key=value)
    assert await keys.person(who) == UNOPENABLE
    assert await keys.conversation(conversation, Epoch(0)) == UNOPENABLE


async def test_a_read_that_cannot_go_on_breaks_off_instead_of_ending() -> None:
    asked: list[Document | None] = []

    async def astray(last: Document | None) -> list[Document]:
        asked.append(last)
        return [{"_id": number} for number in range(4)]

    documents = paged(astray, lambda _: False, 4)
    assert [await anext(documents) for _ in range(4)] == [{"_id": number} for number in range(4)]
    with pytest.raises(Tampered):
        await anext(documents)
    assert asked == [None]
