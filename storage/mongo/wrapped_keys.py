"""Wrapped keys. Opening them takes the key ring, which is not in any database."""

from __future__ import annotations

from typing import Any

from pymongo.errors import DuplicateKeyError

from chat.errors import Unavailable
from chat.ids import ConversationId, Epoch, SubjectId, WorkspaceId
from storage.mongo.client import Collection, Database, reaching, writing
from storage.mongo.documents import UNOPENABLE


class MongoWrappedKeys:
    """``WrappedKeys`` in three collections, each ``{_id, key, …}`` with the owner that erasure looks for."""

    def __init__(self, database: Database) -> None:
        self._workspaces = database["workspace_keys"]
        self._persons = database["person_keys"]
        self._conversations = database["conversation_keys"]

    async def workspace(self, workspace: WorkspaceId) -> bytes | None:
        """See ``WrappedKeys``. By ``_id`` in ``workspace_keys``."""
        return await _kept(self._workspaces, workspace)

    async def person(self, subject: SubjectId) -> bytes | None:
        """See ``WrappedKeys``. By ``_id`` in ``person_keys``."""
        return await _kept(self._persons, subject)

    async def conversation(self, conversation: ConversationId, epoch: Epoch) -> bytes | None:
        """See ``WrappedKeys``. By ``_id``, the pair of both, in ``conversation_keys``."""
        return await _kept(self._conversations, {"c": conversation, "e": epoch})

    async def add_workspace(self, workspace: WorkspaceId, wrapped: bytes) -> bytes:
        """See ``WrappedKeys``. One insert, and a read when it was not the first.

        Unavailable too when the first was destroyed between the two. So also for the others.
        """
        return await _keep(self._workspaces, workspace, wrapped)

    async def add_person(self, workspace: WorkspaceId, subject: SubjectId, wrapped: bytes) -> bytes:
        """See ``WrappedKeys``. Keeps ``workspace`` in the document."""
        return await _keep(self._persons, subject, wrapped, workspace=workspace)

    async def add_conversation(
        self, subject: SubjectId, conversation: ConversationId, epoch: Epoch, wrapped: bytes
    ) -> bytes:
        """See ``WrappedKeys``. Keeps ``subject`` in the document."""
        return await _keep(self._conversations, {"c": conversation, "e": epoch}, wrapped, subject=subject)


async def _kept(keys: Collection, key: object) -> bytes | None:
    async with reaching():
        found = await keys.find_one({"_id": key}, {"_id": 0, "key": 1})
    if found is None:
        return None
    key = found.get("key")
    return key if isinstance(key, bytes) else UNOPENABLE


async def _keep(keys: Collection, key: object, wrapped: bytes, **owner: Any) -> bytes:
    """Of two that add at once the first one's key is kept, and both get that one."""
    try:
        async with writing(keys) as written:
            await written.insert_one({"_id": key, "key": wrapped, **owner})
    except DuplicateKeyError:
        kept = await _kept(keys, key)
        if kept is None:
            raise Unavailable("the key was destroyed at this moment") from None
        return kept
    return wrapped
