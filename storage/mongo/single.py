"""Writes of a single document that more than one collection needs."""

from __future__ import annotations

from pymongo.errors import DuplicateKeyError

from chat.errors import NotFound
from storage.mongo.client import Collection, Document, writing


async def insert_once(collection: Collection, document: Document) -> None:
    """Insert it, journaled on return.

    One that has this ``_id`` already stays: ids are random, so it is a repetition after a lost answer.
    """
    try:
        async with writing(collection) as written:
            await written.insert_one(document)
    except DuplicateKeyError:
        return


async def replace(collection: Collection, document: Document) -> None:
    """Replace the one with this ``_id``, whole, journaled on return.

    Raises NotFound when there is none, DuplicateKeyError when it breaks a unique index.
    """
    async with writing(collection) as written:
        result = await written.replace_one({"_id": document["_id"]}, document)
    if not result.matched_count:
        raise NotFound(f"nothing to change in {collection.name}")
