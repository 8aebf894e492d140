"""The contract of Invitations, on a real MongoDB, with the time as an argument."""

from __future__ import annotations

import asyncio
import secrets
from uuid import UUID, uuid4

import pytest

from chat.ids import AccountId, WorkspaceId
from chat.model import AccountRole, Invitation
from storage.mongo import Database, MongoInvitations
from tests.storage.values import NOW

WORKSPACE = WorkspaceId(UUID(int=1))


def invitation(*, expires_at: int = NOW + 1000, role: AccountRole = AccountRole.OWNER) -> Invitation:
    return Invitation(secrets.token_bytes(32), WORKSPACE, role, expires_at, account=AccountId(uuid4()))


@pytest.fixture
def invitations(database: Database) -> MongoInvitations:
    return MongoInvitations(database)


async def test_an_invitation_is_good_until_it_expires(invitations: MongoInvitations) -> None:
    invited = invitation(expires_at=NOW + 10)
    await invitations.add(invited)
    assert await invitations.get(invited.token_hash, now=NOW + 9) == invited
    assert await invitations.get(invited.token_hash, now=NOW + 10) is None
    assert await invitations.use(invited.token_hash, now=NOW + 10) is None
    assert await invitations.get(secrets.token_bytes(32), now=NOW) is None


async def test_of_two_who_use_an_invitation_at_once_exactly_one_gets_it(invitations: MongoInvitations) -> None:
    for _ in range(20):
        invited = invitation()
        await invitations.add(invited)
        used = await asyncio.gather(*[invitations.use(invited.token_hash, now=NOW) for _ in range(2)])
        assert [each for each in used if each is not None] == [invited]
        assert await invitations.get(invited.token_hash, now=NOW) is None


async def test_withdrawing_deletes_the_invitations_of_one_role(invitations: MongoInvitations) -> None:
    owner, agent = invitation(), invitation(role=AccountRole.AGENT)
    await invitations.add(owner)
    await invitations.add(agent)
    await invitations.withdraw(WORKSPACE, "owner")
    assert await invitations.get(owner.token_hash, now=NOW) is None
    assert await invitations.get(agent.token_hash, now=NOW) == agent


async def test_expiring_deletes_what_ran_out_and_says_how_many(invitations: MongoInvitations) -> None:
    for expires_at in (NOW - 1, NOW, NOW + 1):
        await invitations.add(invitation(expires_at=expires_at))
    assert await invitations.expire(now=NOW) == 2
    assert await invitations.expire(now=NOW) == 0
