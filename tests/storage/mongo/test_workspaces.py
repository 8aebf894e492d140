"""The contract of Workspaces, on a real MongoDB."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from chat.errors import NotFound
from chat.ids import WorkspaceId
from chat.model import Workspace
from storage.mongo import Database, MongoWorkspaces
from tests.storage.values import NOW

WORKSPACE = WorkspaceId(UUID(int=1))
OTHER = WorkspaceId(UUID(int=9))


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


async def test_a_renamed_workspace_is_kept_and_an_unknown_one_is_not_made(database: Database) -> None:
    workspaces = MongoWorkspaces(database)
    await workspaces.add(Workspace(WORKSPACE, "Your business", NOW))
    renamed = Workspace(WORKSPACE, "Fern and Oak", NOW)
    await workspaces.save(renamed)
    assert await workspaces.get(WORKSPACE) == renamed
    with pytest.raises(NotFound):
        await workspaces.save(Workspace(OTHER, "Nobody's", NOW))
