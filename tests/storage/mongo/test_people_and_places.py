"""The contracts of Workspaces, Sites, Visitors, Accounts and WrappedKeys, on a real MongoDB."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

import pytest
from msgspec.structs import replace

from chat.errors import Invalid, NotFound
from chat.ids import AccountId, ConversationId, Epoch, SiteId, SubjectId, VisitorId, WorkspaceId
from chat.model import Site, VisitorProfile, Workspace
from storage.mongo import Database, MongoAccounts, MongoSites, MongoVisitors, MongoWorkspaces, MongoWrappedKeys
from tests.storage.values import NOW, account

WORKSPACE = WorkspaceId(UUID(int=1))
OTHER = WorkspaceId(UUID(int=9))


def site(key: str, *, workspace: WorkspaceId = WORKSPACE, created_at: int = NOW) -> Site:
    return Site(SiteId(key), workspace, "Shop", ("https://shop.example",), "Hello", "/privacy", "1", created_at)


async def test_the_first_workspace_is_the_one_created_first(database: Database) -> None:
    workspaces = MongoWorkspaces(database)
    assert await workspaces.first() is None
    later, first = Workspace(OTHER, "Later", NOW + 1), Workspace(WORKSPACE, "First", NOW)
    await workspaces.add(later)
    await workspaces.add(first)
    assert await workspaces.first() == first
    assert await workspaces.get(OTHER) == later
    assert await workspaces.get(WorkspaceId(uuid4())) is None


async def test_a_workspace_that_exists_is_not_replaced_by_adding(database: Database) -> None:
    workspaces = MongoWorkspaces(database)
    await workspaces.add(Workspace(WORKSPACE, "Kept", NOW))
    await workspaces.add(Workspace(WORKSPACE, "Not taken", NOW))
    kept = await workspaces.get(WORKSPACE)
    assert kept is not None
    assert kept.name == "Kept"


async def test_sites_come_in_order_of_creation_and_only_of_their_workspace(database: Database) -> None:
    sites = MongoSites(database)
    second, first = site("b", created_at=NOW + 1), site("c")
    for each in (second, first, site("a", workspace=OTHER)):
        await sites.add(each)
    assert await sites.of(WORKSPACE) == [first, second]
    assert await sites.get(first.id) == first
    assert await sites.get(SiteId("unknown")) is None


async def test_a_changed_site_is_kept_and_an_unknown_one_is_not_made(database: Database) -> None:
    sites = MongoSites(database)
    await sites.add(site("a"))
    changed = replace(site("a"), origins=("https://a.example", "https://b.example"))
    await sites.save(changed)
    assert await sites.get(changed.id) == changed
    with pytest.raises(NotFound):
        await sites.save(site("unknown"))


async def test_a_visitors_profile_is_kept_and_replaced(database: Database) -> None:
    visitors = MongoVisitors(database)
    profile = VisitorProfile(VisitorId(uuid4()), WORKSPACE, name=b"\x01sealed")
    await visitors.save(profile)
    assert await visitors.get(profile.visitor) == profile
    changed = replace(profile, email=b"\x02sealed")
    await visitors.save(changed)
    assert await visitors.many([profile.visitor, VisitorId(uuid4())]) == {profile.visitor: changed}
    assert await visitors.get(VisitorId(uuid4())) is None


async def test_profiles_saved_at_once_leave_one(database: Database) -> None:
    visitors = MongoVisitors(database)
    profiles = [VisitorProfile(VisitorId(UUID(int=5)), WORKSPACE, name=bytes([each])) for each in range(20)]
    await asyncio.gather(*[visitors.save(profile) for profile in profiles])
    assert await visitors.get(VisitorId(UUID(int=5))) in profiles


async def test_an_address_belongs_to_one_account(database: Database) -> None:
    accounts = MongoAccounts(database)
    at_once = [account(email_index=b"the same") for _ in range(2)]
    added = await asyncio.gather(*[accounts.add(each) for each in at_once])
    assert sorted(added) == [False, True]
    winner = at_once[added.index(True)]
    assert await accounts.by_email(b"the same") == winner
    assert await accounts.add(winner), "adding the same account again is no conflict"
    assert await accounts.by_email(b"another") is None


async def test_accounts_of_a_workspace_come_in_order_of_creation(database: Database) -> None:
    accounts = MongoAccounts(database)
    second, first = account(created_at=NOW + 1), account()
    for each in (second, first, account(workspace=OTHER)):
        await accounts.add(each)
    assert await accounts.of(WORKSPACE) == [first, second]
    assert await accounts.get(first.id) == first
    assert await accounts.get(AccountId(uuid4())) is None


async def test_an_account_is_changed_but_never_to_another_ones_address(database: Database) -> None:
    accounts = MongoAccounts(database)
    mine, theirs = account(), account(email_index=b"theirs")
    await accounts.add(mine)
    await accounts.add(theirs)
    disabled = replace(mine, disabled_at=NOW)
    await accounts.save(disabled)
    assert await accounts.get(mine.id) == disabled
    with pytest.raises(Invalid, match="email"):
        await accounts.save(replace(mine, email_index=b"theirs"))
    with pytest.raises(NotFound):
        await accounts.save(account())


async def test_of_two_keys_added_at_once_the_first_is_kept_and_both_get_it(database: Database) -> None:
    keys = MongoWrappedKeys(database)
    for _ in range(10):
        subject = SubjectId(uuid4())
        kept = await asyncio.gather(*[keys.add_person(WORKSPACE, subject, secret) for secret in (b"one", b"two")])
        assert kept[0] == kept[1] == await keys.person(subject)


async def test_keys_of_workspaces_persons_and_epochs_are_kept_apart(database: Database) -> None:
    keys = MongoWrappedKeys(database)
    same = UUID(int=7)
    await keys.add_workspace(WorkspaceId(same), b"workspace")
    await keys.add_person(WORKSPACE, SubjectId(same), b"person")
    await keys.add_conversation(SubjectId(same), ConversationId(same), Epoch(0), b"epoch 0")
    await keys.add_conversation(SubjectId(same), ConversationId(same), Epoch(1), b"epoch 1")
    assert await keys.workspace(WorkspaceId(same)) == b"workspace"
    assert await keys.person(SubjectId(same)) == b"person"
    assert await keys.conversation(ConversationId(same), Epoch(0)) == b"epoch 0"
    assert await keys.conversation(ConversationId(same), Epoch(1)) == b"epoch 1"
    assert await keys.conversation(ConversationId(same), Epoch(2)) is None
