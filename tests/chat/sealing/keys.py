"""Wrapped keys in a dictionary.

Tests of the rules of the key hierarchy need to see and change what is kept, and to let two processes meet at an exact
moment; the contract of the real store is tested on the real store, in ``tests/storage/mongo``.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from chat.errors import Unavailable
from chat.ids import ConversationId, Epoch, SubjectId, WorkspaceId
from storage.keyring.file import FileKeyRing, create_ring, open_ring


class KeptKeys:
    """``WrappedKeys``; counts its reads."""

    def __init__(self) -> None:
        self.workspaces: dict[WorkspaceId, bytes] = {}
        self.persons: dict[SubjectId, bytes] = {}
        self.conversations: dict[tuple[ConversationId, Epoch], bytes] = {}
        self.reads = 0
        self.is_away = False

    async def _reach(self) -> None:
        await asyncio.sleep(0)
        if self.is_away:
            raise Unavailable("away")

    async def workspace(self, workspace: WorkspaceId) -> bytes | None:
        self.reads += 1
        await self._reach()
        return self.workspaces.get(workspace)

    async def person(self, subject: SubjectId) -> bytes | None:
        self.reads += 1
        await self._reach()
        return self.persons.get(subject)

    async def conversation(self, conversation: ConversationId, epoch: Epoch) -> bytes | None:
        self.reads += 1
        await self._reach()
        return self.conversations.get((conversation, epoch))

    async def add_workspace(self, workspace: WorkspaceId, wrapped: bytes) -> bytes:
        await self._reach()
        return self.workspaces.setdefault(workspace, wrapped)

    async def add_person(self, workspace: WorkspaceId, subject: SubjectId, wrapped: bytes) -> bytes:
        await self._reach()
        return self.persons.setdefault(subject, wrapped)

    async def add_conversation(
        self, subject: SubjectId, conversation: ConversationId, epoch: Epoch, wrapped: bytes
    ) -> bytes:
        await self._reach()
        return self.conversations.setdefault((conversation, epoch), wrapped)


def a_ring(directory: Path, name: str = "keyring.json") -> FileKeyRing:
    """The ring in this folder, made the first time."""
    create_ring(directory / name)
    return open_ring(directory / name)
