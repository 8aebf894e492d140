"""The contract of Visitors, on a real MongoDB."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

from msgspec.structs import replace

from chat.ids import VisitorId, WorkspaceId
from chat.model import VisitorProfile
from storage.mongo import Database, MongoVisitors

WORKSPACE = WorkspaceId(UUID(int=1))


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
