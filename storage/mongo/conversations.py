"""Conversations' states; every change is a compare-and-set on one document."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any
from uuid import UUID

from pymongo.errors import DuplicateKeyError

from chat.errors import Unavailable
from chat.ids import ConversationId, Epoch, SiteId, VisitorId, WorkspaceId
from chat.model import Conversation, State
from storage.mongo.client import Database, Document, reaching, writing
from storage.mongo.documents import UNOPENABLE, Reader, to_document
from storage.mongo.paging import paged

_OPEN = {"$in": [State.WAITING.value, State.ACTIVE.value]}
# What a stored conversation may be in. NEW ones are not stored.
_STATES = [State.WAITING.value, State.ACTIVE.value, State.ENDED.value]
# A page of an export; see MongoMessages.
_PAGE = 500
# Damaged ones in a queue: enough to be noticed, and few beside those that people wait in.
_DAMAGED_SHOWN = 50
# The last millisecond of the year 9999, as in ``chat.model``.
_LATEST_MS = 253_402_300_799_999
_MOST = 2**53 - 1
# Complements, not types: MongoDB finds them along the index, and reads next to nothing where all is well.
_NO_MOMENT: Document = {"$or": [{"opened_at": {"$not": {"$gte": 0}}}, {"opened_at": {"$gt": _LATEST_MS}}]}
_NO_WORKSPACE: Document = {
    "$or": [{"workspace": {"$not": {"$gte": UUID(int=0)}}}, {"workspace": {"$gt": UUID(int=2**128 - 1)}}]
}
_NO_REVISION: Document = {"$nor": [{"revision": {"$type": ["int", "long"], "$gte": 0, "$lte": _MOST}}]}
# What a conversation begins with is never written again: what a damaged document still holds of it stays there.
_LASTING = ("workspace", "site", "visitor", "opened_at", "details")
_NOBODY = VisitorId(UUID(int=0))


class MongoConversations:
    """``Conversations`` in the collection ``conversations``: the value's fields by their names, ``_id`` its id."""

    def __init__(self, database: Database) -> None:
        self._conversations = database["conversations"]
        self._messages = database["messages"]

    async def create(self, conversation: Conversation) -> Conversation:
        """See ``Conversations``. One insert, a read when the id is there already."""
        try:
            async with writing(self._conversations) as conversations:
                await conversations.insert_one(to_document(conversation, key="id"))
        except DuplicateKeyError:
            found = await self.get(conversation.id)
            if found is None:
                raise Unavailable("the conversation was erased at this moment, or its record is damaged") from None
            return found
        return conversation

    async def get(self, conversation: ConversationId) -> Conversation | None:
        """See ``Conversations``. By ``_id``."""
        found = await self._document(conversation)
        return _read(found) if found else None

    async def kept(self, workspace: WorkspaceId, conversation: ConversationId) -> Conversation | None:
        """See ``Conversations``. By ``_id``."""
        found = await self._document(conversation)
        return _read_for(workspace, found) if found and await self._is_of(workspace, found) else None

    async def save(self, conversation: Conversation, *, expecting: int) -> bool:
        """See ``Conversations``. One update, whose filter names the revision: that is the compare-and-set."""
        is_expected = _NO_REVISION if "revision" in conversation.damaged else {"revision": expecting}
        changing = to_document(conversation, key="id")
        for field in ("_id", *_LASTING):
            del changing[field]
        async with writing(self._conversations) as conversations:
            result = await conversations.update_one({"_id": conversation.id, **is_expected}, {"$set": changing})
        return result.matched_count == 1

    async def last_of(self, workspace: WorkspaceId, visitor: VisitorId) -> Conversation | None:
        """See ``Conversations``. By the index ``of_visitor``, one document."""
        where = {"workspace": workspace, "visitor": visitor}
        return next(iter(await self._found(where, by="opened_at", order=-1, limit=1)), None)

    async def open_ones(self, workspace: WorkspaceId, *, limit: int) -> list[Conversation]:
        """See ``Conversations``. By the index ``open``; one more query when ``limit`` or more are open, and one that
        finds nothing along that index where no state is damaged."""
        where: Document = {"workspace": workspace, "state": {"$nin": _STATES}}
        astray = await self._found(where, by="opened_at", order=1, limit=min(limit, _DAMAGED_SHOWN))
        return await self._open_ones(workspace, limit=limit) + astray

    async def _open_ones(self, workspace: WorkspaceId, *, limit: int) -> list[Conversation]:
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
        async for document in self._without_place(workspace):
            conversation = _read_for(workspace, document)
            if conversation and (site is None or site == conversation.site or "site" in conversation.damaged):
                yield conversation
        until = {"$lte": _LATEST_MS} if end is None else {"$lt": end}
        where: Document = {"workspace": workspace, "opened_at": {"$gte": start or 0, **until}}
        if site is not None:
            where["$or"] = [{"site": site}, {"site": {"$not": {"$type": "string"}}}]
        async for document in self._in_order(where):
            if conversation := _read_for(workspace, document):
                yield conversation

    async def _without_place(self, workspace: WorkspaceId) -> AsyncIterator[Document]:
        """Damaged documents that no question for a workspace and a time finds."""
        for where in ({"workspace": workspace, **_NO_MOMENT}, _NO_WORKSPACE):
            async for document in self._by_id(where):
                if where is not _NO_WORKSPACE or await self._is_of(workspace, document):
                    yield document

    async def _is_of(self, workspace: WorkspaceId, document: Document) -> bool:
        """Whose a conversation is. Where its record does not say, its first message does."""
        if isinstance(document.get("workspace"), UUID):
            return bool(document["workspace"] == workspace)
        async with reaching():
            first = await self._messages.find_one({"_id.c": document["_id"]}, {"_id": 0, "w": 1}, sort=[("s", 1)])
        if first is None:
            _read(document)  # nobody is told of it but the log
        return first is not None and first.get("w") == workspace

    def _by_id(self, where: Document) -> AsyncIterator[Document]:
        async def read(last: Document | None) -> list[Document]:
            rest = [] if last is None else [{"_id": {"$gt": last["_id"]}}]
            return await self._documents({"$and": [where, *rest]}, [("_id", 1)], _PAGE)

        return paged(read, lambda _: True, _PAGE)

    def _in_order(self, where: Document) -> AsyncIterator[Document]:
        async def read(last: Document | None) -> list[Document]:
            rest = [] if last is None else [_opened_after(last)]
            return await self._documents({"$and": [where, *rest]}, [("opened_at", 1), ("_id", 1)], _PAGE)

        return paged(read, _is_placed, _PAGE)

    async def _document(self, conversation: ConversationId) -> Document | None:
        async with reaching():
            return await self._conversations.find_one({"_id": conversation})

    async def _found(self, where: Document, *, by: str, order: int, limit: int) -> list[Conversation]:
        found = await self._documents(where, [(by, order), ("_id", order)], limit)
        return [conversation for document in found if (conversation := _read(document))]

    async def _documents(self, where: Document, order: list[tuple[str, int]], limit: int) -> list[Document]:
        if limit < 1:
            return []  # to MongoDB 0 means "all"
        async with reaching():
            return await self._conversations.find(where).sort(order).limit(limit).to_list(None)


def _is_placed(document: Document) -> bool:
    """Whether reading in order of opening can go on behind this one."""
    at = document.get("opened_at")
    return isinstance(at, int | float) and isinstance(document["_id"], UUID)


def _opened_after(last: Document) -> Document:
    """What follows ``last`` in order of opening; of those opened at the same moment the ids decide."""
    same_moment = {"opened_at": last["opened_at"], "_id": {"$gt": last["_id"]}}
    return {"$or": [{"opened_at": {"$gt": last["opened_at"]}}, same_moment]}


def _state(sound: Mapping[str, Any]) -> State:
    """What else the record says of where a conversation stands."""
    if sound.get("ended_at") is not None:
        return State.ENDED
    return State.WAITING if sound.get("agent") is None else State.ACTIVE


# Whose it is has no stand-in: keys and rights hang on it. Such a conversation is told of, and left alone.
_reader = Reader(
    "conversations",
    Conversation,
    key="id",
    stand_ins={
        "site": lambda _: SiteId(""),
        "state": _state,
        "revision": lambda _: 0,
        "agent": lambda _: None,
        "opened_at": lambda _: 0,
        "claimed_at": lambda _: None,
        "ended_at": lambda _: None,
        "epoch": lambda _: Epoch(0),
        "details": lambda _: UNOPENABLE,
    },
)


def _read(document: Document, known: Mapping[str, object] | None = None) -> Conversation | None:
    if document.get("state") not in _STATES:
        document = {**document, "state": None}
    return _reader(document, known=known)


def _read_for(workspace: WorkspaceId, document: Document) -> Conversation | None:
    """For who reads transcripts: whatever is damaged, whose conversation it is they know."""
    return _read(document, {"workspace": workspace, "visitor": _NOBODY})
