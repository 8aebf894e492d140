"""Businesses on this install."""

from __future__ import annotations

from chat.ids import WorkspaceId
from chat.model import Workspace
from storage.mongo.client import Database, reaching
from storage.mongo.documents import Reader, to_document
from storage.mongo.single import insert_once, replace


class MongoWorkspaces:
    """``Workspaces`` in the collection ``workspaces``: a handful, so ``first`` needs no index."""

    def __init__(self, database: Database) -> None:
        self._workspaces = database["workspaces"]

    async def get(self, workspace: WorkspaceId) -> Workspace | None:
        """See ``Workspaces``. By ``_id``."""
        async with reaching():
            found = await self._workspaces.find_one({"_id": workspace})
        return _read(found) if found else None

    async def first(self) -> Workspace | None:
        """See ``Workspaces``. Reads them all; of two created in one millisecond the lower id is first."""
        async with reaching():
            found = await self._workspaces.find_one({}, sort=[("created_at", 1), ("_id", 1)])
        return _read(found) if found else None

    async def add(self, workspace: Workspace) -> None:
        """See ``Workspaces``. One insert."""
        await insert_once(self._workspaces, to_document(workspace, key="id"))

    async def save(self, workspace: Workspace) -> None:
        """See ``Workspaces``. One replace; raises NotFound as it says."""
        await replace(self._workspaces, to_document(workspace, key="id"))


_read = Reader("workspaces", Workspace, key="id", stand_ins={"name": lambda _: "", "created_at": lambda _: 0})
