"""The contract of ApiTokens, on a real MongoDB, with the time as an argument."""

from __future__ import annotations

import secrets
from uuid import UUID

from chat.ids import WorkspaceId
from chat.model import ApiToken
from storage.mongo import Database, MongoApiTokens
from tests.storage.values import NOW

WORKSPACE = WorkspaceId(UUID(int=1))


async def test_a_token_is_good_until_it_expires_and_for_ever_without_an_end(database: Database) -> None:
    tokens = MongoApiTokens(database)
    ending = ApiToken(secrets.token_bytes(32), WORKSPACE, "reports", NOW, expires_at=NOW + 10)
    endless = ApiToken(secrets.token_bytes(32), WORKSPACE, "archive", NOW)
    await tokens.add(ending)
    await tokens.add(endless)
    assert await tokens.get(ending.token_hash, now=NOW + 9) == ending
    assert await tokens.get(ending.token_hash, now=NOW + 10) is None
    assert await tokens.expire(now=NOW + 10) == 1
    assert await tokens.get(endless.token_hash, now=NOW + 10**12) == endless
    assert await tokens.get(secrets.token_bytes(32), now=NOW) is None
