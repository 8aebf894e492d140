"""The contract of WrappedKeys, on a real MongoDB."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

from chat.ids import ConversationId, Epoch, SubjectId, WorkspaceId
from storage.mongo import Database, MongoWrappedKeys

WORKSPACE = WorkspaceId(UUID(int=1))


async def test_of_two_keys_added_at_once_the_first_is_kept_and_both_get_it(database: Database) -> None:
    keys = MongoWrappedKeys(database)
    for _ in range(10):
        subject = SubjectId(uuid4())
        kept = await asyncio.gather(*[keys.add_person(WORKSPACE, subject, secret) for secret in (b"one", b"two")])
        assert kept[0] == kept[1] == await keys.person(subject)


async def test_keys_of_workspaces_persons_and_epochs_are_kept_apart(database: Database) -> None:
    keys = MongoWrappedKeys(database)
    same = UUID(int=7)
    await keys.add_workspace(WorkspaceId(same), b"workspace")
    await keys.add_person(WORKSPACE, SubjectId(same), b"person")
    await keys.add_conversation(SubjectId(same), ConversationId(same), Epoch(0), b"epoch 0")
    await keys.add_conversation(SubjectId(same), ConversationId(same), Epoch(1), b"epoch 1")
    assert await keys.workspace(WorkspaceId(same)) == b"workspace"
    assert await keys.person(SubjectId(same)) == b"person"
    assert await keys.conversation(ConversationId(same), Epoch(0)) == b"epoch 0"
    assert await keys.conversation(ConversationId(same), Epoch(1)) == b"epoch 1"
    assert await keys.conversation(ConversationId(same), Epoch(2)) is None
