"""The record of messages, written by group commit."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from types import TracebackType
from typing import Any, TypeVar
from uuid import UUID

from msgspec.structs import replace
from pymongo.errors import BulkWriteError, OperationFailure

from chat.errors import SeqTaken, Unavailable
from chat.ids import ClientId, ConversationId, Seq, WorkspaceId
from chat.model import Sealed, Stored
from storage.gathering import Gathering
from storage.mongo.client import DUPLICATE, Database, Document, is_not_now, reaching, writing
from storage.mongo.paging import paged

# 256 documents of 300 B are one write of under 100 KiB; larger batches win nothing and make the first one wait longer.
_BATCH = 256
# A commit under way while the next is gathered: on a replica set that hides a whole round of replication. A third one
# only lengthens the tail.
_LANES = 2
# Commits begin so far apart, so that a busy gateway makes fewer and larger ones; after a quiet moment one goes at once.
# Measured at 1,000 messages/s over two gateways on two cores: without, each message is a commit, MongoDB takes 470
# instead of 310 to 360 µs of CPU for each, and p50 and p99 are 9 to 10 and 20 to 38 instead of 7 and 16 to 19 ms. At
# 300/s it changes nothing.
_APART_S = 0.004
# Four seconds of work at 1,000 documents/s, and under 300 MB if every one of them were as long as the wire allows.
_WAITING = 4_096
# A page of an export: large enough to hide the round trip, small enough to be constant memory.
_PAGE = 500
_NOBODY = UUID(int=0)
# The last millisecond of the year 9999; what a JavaScript number, and so a frame, holds exactly.
_LATEST_MS = 253_402_300_799_999
_HIGHEST = 2**53 - 1
# Entries looked at for the highest number: it is the first, unless the record was altered.
_TOPS = 10
_Field = TypeVar("_Field")


class MongoMessages:
    """``Messages`` in the collection ``messages``. Enter it (``async with``) before the first ``append``.

    A document is ``{_id: {c: conversation, i: client id}, s: seq, w: workspace, r: revision, t: at, b: blob}``: the
    primary key is the promise that a client id is stored once, the unique index ``place`` (conversation, seq) the
    promise that a number is. Two indexes in all, and the long name of a conversation once.
    """

    def __init__(self, database: Database, *, lanes: int = _LANES) -> None:
        self._messages = database["messages"]
        self._commits: Gathering[Sealed, Stored] = Gathering(
            self._commit, lanes=lanes, most=_BATCH, waiting=_WAITING, apart_s=_APART_S
        )

    async def __aenter__(self) -> MongoMessages:
        await self._commits.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._commits.__aexit__(kind, error, trace)

    async def append(self, message: Sealed) -> Stored:
        """See ``Messages``. Concurrent calls share an ``insert_many``, 256 at most, two under way; 4,096 may wait.

        After Unavailable the message may have been stored all the same: send it again with the same client id. A
        cancelled caller's message is stored, too; its number would be a hole otherwise. A message that MongoDB refuses
        for another reason than a duplicate raises ``pymongo.errors.OperationFailure``, to its caller alone.
        """
        return await self._commits.put(message)

    async def find(self, conversation: ConversationId, client_id: ClientId) -> Sealed | None:
        """See ``Messages``. By ``_id``, which is the pair of both."""
        async with reaching():
            found = await self._messages.find_one({"_id": {"c": conversation, "i": client_id}})
        return _from_document(found) if found else None

    async def highest(self, conversation: ConversationId) -> Seq:
        """See ``Messages``. The last entries of the index ``place``, and no more than their numbers."""
        where = {"_id.c": conversation, "s": {"$gt": 0, "$lte": _HIGHEST}}
        async with reaching():
            found = await self._messages.find(where, {"_id": 0, "s": 1}).sort("s", -1).limit(_TOPS).to_list(None)
        return Seq(next((top for each in found if (top := _number(each["s"], _HIGHEST)) > 0), 0))

    async def after(self, conversation: ConversationId, seq: Seq, *, limit: int) -> list[Sealed]:
        """See ``Messages``. Along the index ``place``; ``limit`` bounds the memory it takes."""
        return await self._placed(_above(conversation, seq), order=1, limit=limit)

    async def before(self, conversation: ConversationId, seq: Seq, *, limit: int) -> list[Sealed]:
        """See ``Messages``. Backwards along the index ``place``, then turned around."""
        where = {"_id.c": conversation, "s": {"$gt": 0, "$lt": min(seq, _HIGHEST + 1)}}
        return (await self._placed(where, order=-1, limit=limit))[::-1]

    async def latest(self, conversations: Sequence[ConversationId]) -> dict[ConversationId, Sealed]:
        """See ``Messages``. One document read for each conversation, however long it is; see ``latest_of``.

        One more where the last entry of the index is no number: it sorts there what was renumbered to a text.
        """
        async with reaching():
            found = await self._messages.aggregate(latest_of(conversations)).to_list(None)
        latest = {ConversationId(each["_id"]): _from_document(each["last"]) for each in found}
        for conversation, message in latest.items():
            if not message.seq:
                placed = await self.before(conversation, Seq(_HIGHEST + 1), limit=_TOPS)
                latest[conversation] = replace(placed[-1] if placed else message, blob=b"")
        return latest

    async def unplaced(self, conversation: ConversationId, *, limit: int) -> list[Sealed]:
        """See ``Messages``. Two looks at the index ``place``, beside what numbers can be."""
        return [_from_document(each) for each in await self._documents(_unplaced(conversation), "_id", 1, limit)]

    async def all(self, conversation: ConversationId) -> AsyncIterator[Sealed]:
        """See ``Messages``. In pages of 500; what is stored meanwhile is in it."""

        async def beside(last: Document | None) -> list[Document]:
            rest = {} if last is None else {"_id": {"$gt": last["_id"]}}
            return await self._documents(_unplaced(conversation) | rest, "_id", 1, _PAGE)

        async def following(last: Document | None) -> list[Document]:
            seq = Seq(0) if last is None else last["s"]
            return await self._documents(_above(conversation, seq), "s", 1, _PAGE)

        for documents in (paged(beside, lambda _: True, _PAGE), paged(following, _has_number, _PAGE)):
            async for document in documents:
                yield _from_document(document)

    async def _placed(self, where: Document, *, order: int, limit: int) -> list[Sealed]:
        """Only what has a number: what a reader goes on from."""
        found = await self._documents(where, "s", order, limit)
        return [message for document in found if (message := _from_document(document)).seq]

    async def _documents(self, where: Document, by: str, order: int, limit: int) -> list[Document]:
        if limit < 1:
            return []  # to MongoDB 0 means "all"
        async with reaching():
            return await self._messages.find(where).sort(by, order).limit(limit).to_list(None)

    # --- group commit ------------------------------------------------------------------------------------------------

    async def _commit(self, batch: Sequence[Sealed]) -> list[Stored | Exception]:
        try:
            async with writing(self._messages) as messages:
                await messages.insert_many([_to_document(message) for message in batch], ordered=False)
        except BulkWriteError as error:
            return await self._taken_apart(batch, error)
        return [Stored(message) for message in batch]

    async def _taken_apart(self, batch: Sequence[Sealed], error: BulkWriteError) -> list[Stored | Exception]:
        """Each message's own outcome of a commit in which some were not inserted."""
        if error.details.get("writeConcernErrors"):
            # Perhaps inserted, but not known to survive: the senders try again and meet their own client ids.
            raise Unavailable("MongoDB could not confirm the journal of a majority") from error
        refused: dict[int, Document] = {each["index"]: each for each in error.details["writeErrors"]}
        again = [batch[index] for index, each in refused.items() if each["code"] == DUPLICATE]
        first = await self._first_stored(again)
        return [
            _outcome(message, refused.get(index), first.get((message.conversation, message.client_id)))
            for index, message in enumerate(batch)
        ]

    async def _first_stored(self, messages: Sequence[Sealed]) -> dict[tuple[ConversationId, ClientId], Sealed]:
        """What the record holds under these messages' client ids.

        The client id is asked for whichever index refused: a message can break both, and then it is a repetition.
        What is read here is journaled: the refused commit waited for the journal after it had met the first one.
        """
        if not messages:
            return {}
        keys = [_key(message) for message in messages]
        async with reaching():
            found = await self._messages.find({"_id": {"$in": keys}}).to_list(None)
        stored = [_from_document(document) for document in found]
        return {(message.conversation, message.client_id): message for message in stored}


def latest_of(conversations: Sequence[ConversationId]) -> list[dict[str, Any]]:
    """The pipeline of ``latest``. It sorts and groups along the index ``place``, so that MongoDB jumps from one
    conversation's last entry to the next one's (a DISTINCT_SCAN) and reads one document of each."""
    return [
        {"$match": {"_id.c": {"$in": list(conversations)}}},
        {"$sort": {"_id.c": -1, "s": -1}},
        {"$group": {"_id": "$_id.c", "last": {"$first": "$$ROOT"}}},
    ]


def _outcome(message: Sealed, refused: Document | None, first: Sealed | None) -> Stored | Exception:
    if refused is None:
        return Stored(message)
    if refused["code"] != DUPLICATE:
        text = f"message not inserted: error {refused['code']}"
        return Unavailable(text) if is_not_now(refused["code"]) else OperationFailure(text, refused["code"])
    if first is not None:
        return Stored(first, first=False)
    return SeqTaken(f"number {message.seq} is taken")


def _key(message: Sealed) -> Document:
    return {"c": message.conversation, "i": message.client_id}


def _to_document(message: Sealed) -> Document:
    return {
        "_id": _key(message),
        "s": message.seq,
        "w": message.workspace,
        "r": message.revision,
        "t": message.at,
        "b": message.blob,
    }


def _above(conversation: ConversationId, seq: Seq) -> Document:
    return {"_id.c": conversation, "s": {"$gt": seq, "$lte": _HIGHEST}}


def _unplaced(conversation: ConversationId) -> Document:
    """What was renumbered to where no message can be. Complements, not types: those MongoDB finds along the index."""
    return {"_id.c": conversation, "$or": [{"s": {"$not": {"$gt": 0}}}, {"s": {"$gt": _HIGHEST}}]}


def _has_number(document: Document) -> bool:
    return _number(document.get("s"), _HIGHEST) > 0


def _from_document(document: Document) -> Sealed:
    """The message in a document. What an altered document lacks or holds in another type is left out: the seal refuses
    such a message by itself, where raising here would take all that are read with it."""
    key: dict[str, UUID] = document["_id"]
    return Sealed(
        workspace=WorkspaceId(_of_type(document.get("w"), UUID, _NOBODY)),
        conversation=ConversationId(key["c"]),
        seq=Seq(max(_number(document.get("s"), _HIGHEST), 0)),
        revision=_number(document.get("r"), _HIGHEST),
        client_id=ClientId(_of_type(key.get("i"), UUID, _NOBODY)),
        at=max(_number(document.get("t"), _LATEST_MS), 0),
        blob=_of_type(document.get("b"), bytes, b""),
    )


def _number(found: object, most: int) -> int:
    """A number that frames carry, as Python's own: the driver's 64-bit numbers are a class of their own. -1 if it is
    none."""
    return int(found) if isinstance(found, int) and not isinstance(found, bool) and 0 <= found <= most else -1


def _of_type(found: Any, wanted: type[_Field], instead: _Field) -> _Field:
    return found if isinstance(found, wanted) else instead
