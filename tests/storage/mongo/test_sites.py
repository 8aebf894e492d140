"""The contract of Sites, on a real MongoDB."""

from __future__ import annotations

from uuid import UUID

import pytest
from msgspec.structs import replace

from chat.errors import NotFound
from chat.ids import SiteId, WorkspaceId
from chat.model import Site
from storage.mongo import Database, MongoSites
from tests.storage.values import NOW

WORKSPACE = WorkspaceId(UUID(int=1))
OTHER = WorkspaceId(UUID(int=9))


def site(key: str, *, workspace: WorkspaceId = WORKSPACE, created_at: int = NOW) -> Site:
    return Site(SiteId(key), workspace, "Shop", ("https://shop.example",), "Hello", "/privacy", "1", created_at)


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
    changed = replace(site("a"), origins=("https://a.example", "https://b.example"), greeting_zh="您好")
    await sites.save(changed)
    assert await sites.get(changed.id) == changed
    with pytest.raises(NotFound):
        await sites.save(site("unknown"))
