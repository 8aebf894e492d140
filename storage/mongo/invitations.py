"""One-time links, by the hash of their token."""

from __future__ import annotations

from chat.ids import WorkspaceId
from chat.model import Invitation
from storage.mongo.client import Database, Document, reaching, writing
from storage.mongo.documents import Reader, to_document
from storage.mongo.single import insert_once


class MongoInvitations:
    """``Invitations`` in the collection ``invitations``; a used one is gone."""

    def __init__(self, database: Database) -> None:
        self._invitations = database["invitations"]

    async def add(self, invitation: Invitation) -> None:
        """See ``Invitations``. One insert, under its hash."""
        await insert_once(self._invitations, to_document(invitation, key="token_hash"))

    async def get(self, token_hash: bytes, *, now: int) -> Invitation | None:
        """See ``Invitations``. By ``_id``; whether it ran out is decided here, not by whether ``expire`` came by."""
        async with reaching():
            found = await self._invitations.find_one(_live(token_hash, now))
        return _read(found) if found else None

    async def use(self, token_hash: bytes, *, now: int) -> Invitation | None:
        """See ``Invitations``. One find-and-delete. After Unavailable it may be used up; a new link is the remedy."""
        async with writing(self._invitations) as invitations:
            found = await invitations.find_one_and_delete(_live(token_hash, now))
        return _read(found) if found else None

    async def withdraw(self, workspace: WorkspaceId, role: str) -> None:
        """See ``Invitations``. One delete by the index ``of_role``."""
        async with writing(self._invitations) as invitations:
            await invitations.delete_many({"workspace": workspace, "role": role})

    async def expire(self, *, now: int) -> int:
        """See ``Invitations``. One delete by the index ``expiry``."""
        async with writing(self._invitations) as invitations:
            result = await invitations.delete_many({"expires_at": {"$lte": now}})
        return result.deleted_count


def _live(token_hash: bytes, now: int) -> Document:
    return {"_id": token_hash, "expires_at": {"$gt": now}}


_read = Reader("invitations", Invitation, key="token_hash")
