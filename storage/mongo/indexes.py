"""Every index, in one list. Collections that are missing here are only ever asked by ``_id``."""

from __future__ import annotations

from pymongo import ASCENDING as UP
from pymongo import DESCENDING as DOWN
from pymongo import IndexModel

from storage.mongo.client import Database, reaching

# Sharded, messages go by hashed "_id.c" and conversations by hashed "_id": a unique index must begin with its
# collection's shard key, and both unique ones of messages do ("_id" counts as unique within its conversation's shard).
INDEXES: tuple[tuple[str, IndexModel], ...] = (
    ("messages", IndexModel([("_id.c", UP), ("s", UP)], name="place", unique=True)),
    ("conversations", IndexModel([("workspace", UP), ("visitor", UP), ("opened_at", DOWN)], name="of_visitor")),
    ("conversations", IndexModel([("workspace", UP), ("state", UP), ("opened_at", UP)], name="open")),
    ("conversations", IndexModel([("workspace", UP), ("state", UP), ("ended_at", DOWN)], name="ended")),
    ("conversations", IndexModel([("workspace", UP), ("opened_at", UP), ("_id", UP)], name="opened")),
    ("conversations", IndexModel([("state", UP), ("opened_at", UP)], name="idle")),
    ("sites", IndexModel([("workspace", UP), ("created_at", UP)], name="of_workspace")),
    ("accounts", IndexModel([("email_index", UP)], name="email", unique=True)),
    ("accounts", IndexModel([("workspace", UP), ("created_at", UP)], name="of_workspace")),
    ("invitations", IndexModel([("workspace", UP), ("role", UP)], name="of_role")),
    ("invitations", IndexModel([("expires_at", UP)], name="expiry")),
    ("api_tokens", IndexModel([("expires_at", UP)], name="expiry")),
)


async def ensure_indexes(database: Database) -> None:
    """Build what is missing; what exists costs one look. One trip for each collection.

    Raises Unavailable, also when building takes longer than a call may (6 s), and ``pymongo.errors.OperationFailure``
    when an index of the same name is there with other fields.
    """
    for collection in dict.fromkeys(name for name, _ in INDEXES):
        async with reaching():
            await database[collection].create_indexes([index for name, index in INDEXES if name == collection])
