"""The contract of Accounts, on a real MongoDB."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

import pytest
from msgspec.structs import replace

from chat.errors import Invalid, NotFound
from chat.ids import AccountId, WorkspaceId
from storage.mongo import Database, MongoAccounts
from tests.storage.values import NOW, account

WORKSPACE = WorkspaceId(UUID(int=1))
OTHER = WorkspaceId(UUID(int=9))


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
