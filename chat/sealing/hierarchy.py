"""Key ring → workspace key → random key per person → key per conversation and epoch.

A person's key is random, not derived: once it is destroyed nothing can bring it back, and everything under it is gone
with it. Keys are 32 bytes, for AES-256-GCM-SIV (RFC 8452), wrapped by the level above and bound to whom they belong.
"""

from __future__ import annotations

import secrets
import struct
from collections.abc import Awaitable, Callable
from functools import partial

from chat.clock import Clock
from chat.errors import Tampered
from chat.ids import ConversationId, Epoch, SubjectId, WorkspaceId
from chat.ports import KeyRing, WrappedKeys
from chat.sealing.envelope import length_prefixed
from chat.sealing.keys import Key, KeyCache


class Hierarchy:
    """Finds keys, and makes those that are missing when something is to be sealed.

    Two processes that make the same key at once both end with the one that was kept first.
    """

    def __init__(self, ring: KeyRing, wrapped: WrappedKeys, clock: Clock) -> None:
        self._ring = ring
        self._wrapped = wrapped
        self.cache = KeyCache(clock)

    async def person(self, workspace: WorkspaceId, subject: SubjectId, *, make: bool) -> Key:
        """The person's key. Raises Tampered when there is none and ``make`` is false, or one above does not open it.

        Two trips when nothing is cached, none when it is; one more for each key that is made.
        """
        name = ("person", workspace.int, subject.int)
        if (cached := self.cache.get(name)) is not None:
            return cached
        return await self._found(
            name,
            partial(self._workspace, workspace),
            (b"ls/sk/v1", workspace.bytes, subject.bytes),
            partial(self._wrapped.person, subject),
            partial(self._wrapped.add_person, workspace, subject) if make else None,
        )

    def cached(
        self, workspace: WorkspaceId, subject: SubjectId, conversation: ConversationId, epoch: Epoch
    ) -> Key | None:
        """What ``conversation`` would find without asking a store: the key, or None when it has to be asked for."""
        return self.cache.get(("conversation", workspace.int, subject.int, conversation.int, epoch))

    async def conversation(
        self, workspace: WorkspaceId, subject: SubjectId, conversation: ConversationId, epoch: Epoch, *, make: bool
    ) -> Key:
        """The conversation's key of this epoch, under the key of the visitor whose conversation it is.

        Raises Tampered as ``person`` does. Three trips when nothing is cached, none when it is.
        """
        name = ("conversation", workspace.int, subject.int, conversation.int, epoch)
        if (cached := self.cache.get(name)) is not None:
            return cached
        return await self._found(
            name,
            partial(self.person, workspace, subject),
            (b"ls/dek/v1", workspace.bytes, subject.bytes, conversation.bytes, struct.pack(">H", epoch)),
            partial(self._wrapped.conversation, conversation, epoch),
            partial(self._wrapped.add_conversation, subject, conversation, epoch) if make else None,
        )

    async def _workspace(self, workspace: WorkspaceId, *, make: bool) -> Key:
        name = ("workspace", workspace.int)
        if (cached := self.cache.get(name)) is not None:
            return cached
        bound = workspace_binding(workspace)
        wrapped = await self._wrapped.workspace(workspace)
        if wrapped is None:
            if not make:
                raise Tampered("this workspace has no key")
            fresh = self._ring.wrap(secrets.token_bytes(32), bound=bound)
            wrapped = await self._wrapped.add_workspace(workspace, fresh)
        key = Key(self._ring.unwrap(wrapped, bound=bound))
        self.cache.put(name, key)
        return key

    async def _found(
        self,
        name: tuple[object, ...],
        parent: Callable[..., Awaitable[Key]],
        binding: tuple[bytes, ...],
        read: Callable[[], Awaitable[bytes | None]],
        add: Callable[[bytes], Awaitable[bytes]] | None,
    ) -> Key:
        """The key of this name, which is not cached: read, or made where ``add`` may keep it."""
        wrapped = await read()
        # What was wrapped once had a key above it: if that is gone it was destroyed, and a new one would open nothing.
        above = await parent(make=add is not None and wrapped is None)
        if wrapped is None:
            if add is None:
                raise Tampered(f"there is no key of this {name[0]}: it was destroyed, or never made")
            wrapped = await add(above.wrap(secrets.token_bytes(32), binding))
        key = above.unwrap(wrapped, binding)
        self.cache.put(name, key)
        return key


def workspace_binding(workspace: WorkspaceId) -> bytes:
    """What the ring binds a workspace's key to."""
    return length_prefixed(b"ls/tkek/v1", workspace.bytes)
