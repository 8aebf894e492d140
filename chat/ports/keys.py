"""The doors to keys: the ring that wraps them, and the store of wrapped ones."""

from __future__ import annotations

from typing import Protocol

from chat.ids import ConversationId, Epoch, SubjectId, WorkspaceId


class KeyRing(Protocol):
    """Wraps and unwraps workspace keys; its own secret never leaves (a file, or a KMS)."""

    def wrap(self, key: bytes, *, bound: bytes) -> bytes:
        """``key`` (32 bytes), sealed by the ring's active key and bound to ``bound``, which is not part of the result.

        The result names the key that wrapped it, so that it opens after another one became active.
        """
        ...

    def unwrap(self, wrapped: bytes, *, bound: bytes) -> bytes:
        """The key that ``wrap`` was given.

        Raises Tampered when ``bound`` differs, a bit was altered, or the ring lacks the key it names.
        """
        ...

    def derive(self, purpose: str) -> bytes:
        """32 bytes for a purpose of the whole install, such as signing visitor tokens. The same on every machine."""
        ...


class WrappedKeys(Protocol):
    """Wrapped keys of workspaces, persons and conversation epochs. A key that was kept never changes.

    Adding keeps the first: of two that add at once both get the one that is kept.
    """

    async def workspace(self, workspace: WorkspaceId) -> bytes | None:
        """The workspace's key, wrapped by the key ring; None when it was never made."""
        ...

    async def person(self, subject: SubjectId) -> bytes | None:
        """The person's key, wrapped by the workspace's; None when it was never made or was destroyed."""
        ...

    async def conversation(self, conversation: ConversationId, epoch: Epoch) -> bytes | None:
        """The conversation's key of this epoch, wrapped by its visitor's; None when never made or destroyed."""
        ...

    async def add_workspace(self, workspace: WorkspaceId, wrapped: bytes) -> bytes:
        """Keep it unless there is one; returns the one that is kept."""
        ...

    async def add_person(self, workspace: WorkspaceId, subject: SubjectId, wrapped: bytes) -> bytes:
        """Keep it unless there is one; returns the one that is kept. The workspace is noted beside it."""
        ...

    async def add_conversation(
        self, subject: SubjectId, conversation: ConversationId, epoch: Epoch, wrapped: bytes
    ) -> bytes:
        """Keep it unless there is one; returns the one that is kept. The person is noted, for erasure to find it."""
        ...
