"""Conversations' states; every change is a compare-and-set on one document."""

from __future__ import annotations

from collections.abc import AsyncIterator

from pymongo.errors import DuplicateKeyError

from chat.errors import Unavailable
from chat.ids import ConversationId, SiteId, VisitorId, WorkspaceId
from chat.model import Conversation, State
from storage.mongo.client import Database, Document, reaching, writing
from storage.mongo.documents import from_document, to_document

_OPEN = {"$in": [State.WAITING.value, State.ACTIVE.value]}
# A page of an export; see MongoMessages.
_PAGE = 500


class MongoConversations:
    """``Conversations`` in the collection ``conversations``: the value's fields by their names, ``_id`` its id."""

    def __init__(self, database: Database) -> None:
        self._conversations = database["conversations"]

    async def create(self, conversation: Conversation) -> Conversation:
        """See ``Conversations``. One insert, a read when the id is there already."""
        try:
            async with writing(self._conversations) as conversations:
                await conversations.insert_one(to_document(conversation, key="id"))
        except DuplicateKeyError:
            found = await self.get(conversation.id)
            if found is None:
                raise Unavailable("the conversation was erased at this moment") from None
            return found
        return conversation

    async def get(self, conversation: ConversationId) -> Conversation | None:
        """See ``Conversations``. By ``_id``."""
        async with reaching():
            found = await self._conversations.find_one({"_id": conversation})
        return _value(found) if found else None

    async def save(self, conversation: Conversation, *, expecting: int) -> bool:
        """See ``Conversations``. One replace, whose filter names the revision: that is the compare-and-set."""
        where = {"_id": conversation.id, "revision": expecting}
        async with writing(self._conversations) as conversations:
            result = await conversations.replace_one(where, to_document(conversation, key="id"))
        return result.matched_count == 1

    async def last_of(self, workspace: WorkspaceId, visitor: VisitorId) -> Conversation | None:
        """See ``Conversations``. By the index ``of_visitor``, one document."""
        where = {"workspace": workspace, "visitor": visitor}
        return next(iter(await self._found(where, by="opened_at", order=-1, limit=1)), None)

    async def open_ones(self, workspace: WorkspaceId, *, limit: int) -> list[Conversation]:
        """See ``Conversations``. By the index ``open``; a second query when ``limit`` or more are open."""
        where: Document = {"workspace": workspace, "state": _OPEN}
        oldest = await self._found(where, by="opened_at", order=1, limit=limit)
        if len(oldest) < limit:
            return oldest
        half = limit // 2
        newest = await self._found(where, by="opened_at", order=-1, limit=limit - half)
        both = {conversation.id: conversation for conversation in (*oldest[:half], *reversed(newest))}
        return list(both.values())

    async def ended_ones(self, workspace: WorkspaceId, *, limit: int) -> list[Conversation]:
        """See ``Conversations``. By the index ``ended``."""
        where = {"workspace": workspace, "state": State.ENDED.value}
        return await self._found(where, by="ended_at", order=-1, limit=limit)

    async def idle_since(self, at: int, *, limit: int) -> list[Conversation]:
        """See ``Conversations``. By the index ``idle``."""
        where = {"state": _OPEN, "opened_at": {"$lt": at}}
        return await self._found(where, by="opened_at", order=1, limit=limit)

    async def opened_between(
        self, workspace: WorkspaceId, *, site: SiteId | None, start: int | None, end: int | None
    ) -> AsyncIterator[Conversation]:
        """See ``Conversations``. By the index ``opened``, in pages of 500, each a query that begins after the last.

        What is opened meanwhile appears if its place is still ahead.
        """
        conditions: list[Document] = [{"workspace": workspace}]
        if site is not None:
            conditions.append({"site": site})
        if start is not None:
            conditions.append({"opened_at": {"$gte": start}})
        if end is not None:
            conditions.append({"opened_at": {"$lt": end}})
        # Page by page, not with a cursor: a reader as slow as it likes holds nothing open on the server.
        rest: list[Document] = []
        while page := await self._found({"$and": conditions + rest}, by="opened_at", order=1, limit=_PAGE):
            for conversation in page:
                yield conversation
            rest = [_opened_after(page[-1])]

    async def _found(self, where: Document, *, by: str, order: int, limit: int) -> list[Conversation]:
        if limit < 1:
            return []  # to MongoDB 0 means "all"
        async with reaching():
            cursor = self._conversations.find(where).sort([(by, order), ("_id", order)]).limit(limit)
            found = await cursor.to_list(None)
        return [_value(document) for document in found]


def _opened_after(last: Conversation) -> Document:
    """What follows ``last`` in order of opening; of those opened at the same moment the ids decide."""
    same_moment = {"opened_at": last.opened_at, "_id": {"$gt": last.id}}
    return {"$or": [{"opened_at": {"$gt": last.opened_at}}, same_moment]}


def _value(document: Document) -> Conversation:
    return from_document(document, Conversation, key="id")
