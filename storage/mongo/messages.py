"""The record of messages, written by group commit."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from types import TracebackType
from typing import Any, TypeVar
from uuid import UUID

from pymongo.errors import BulkWriteError, OperationFailure

from chat.errors import SeqTaken, Unavailable
from chat.ids import ClientId, ConversationId, Seq, WorkspaceId
from chat.model import Sealed, Stored
from storage.gathering import Gathering
from storage.mongo.client import DUPLICATE, Database, Document, is_not_now, reaching, writing

# 256 documents of 300 B are one write of under 100 KiB; larger batches win nothing and make the first one wait longer.
_BATCH = 256
# Measured on the local store at 2,000 messages/s: a second commit under way lowers the median from 2.6 to 2.3 ms and
# leaves p99 at 5 ms; a third one only lengthens the tail. On a replica set it hides a whole round of replication.
_LANES = 2
# Four seconds of work at 1,000 documents/s, and under 300 MB if every one of them were as long as the wire allows.
_WAITING = 4_096
# A page of an export: large enough to hide the round trip, small enough to be constant memory.
_PAGE = 500
_NOBODY = UUID(int=0)
# The last millisecond of the year 9999, and more than any number of a message or a revision.
_LATEST_MS = 253_402_300_799_999
_Field = TypeVar("_Field")


class MongoMessages:
    """``Messages`` in the collection ``messages``. Enter it (``async with``) before the first ``append``.

    A document is ``{_id: {c: conversation, i: client id}, s: seq, w: workspace, r: revision, t: at, b: blob}``: the
    primary key is the promise that a client id is stored once, the unique index ``place`` (conversation, seq) the
    promise that a number is. Two indexes in all, and the long name of a conversation once.
    """

    def __init__(self, database: Database, *, lanes: int = _LANES) -> None:
        self._messages = database["messages"]
        self._commits: Gathering[Sealed, Stored] = Gathering(self._commit, lanes=lanes, most=_BATCH, waiting=_WAITING)

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
        found = await self._read({"_id": {"c": conversation, "i": client_id}}, order=1, limit=1)
        return found[0] if found else None

    async def highest(self, conversation: ConversationId) -> Seq:
        """See ``Messages``. The last entry of the index ``place``, and no more than its number."""
        async with reaching():
            top = await self._messages.find_one({"_id.c": conversation}, {"_id": 0, "s": 1}, sort=[("s", -1)])
        return Seq(top["s"] if top else 0)

    async def after(self, conversation: ConversationId, seq: Seq, *, limit: int) -> list[Sealed]:
        """See ``Messages``. Along the index ``place``; ``limit`` bounds the memory it takes."""
        return await self._read({"_id.c": conversation, "s": {"$gt": seq}}, order=1, limit=limit)

    async def before(self, conversation: ConversationId, seq: Seq, *, limit: int) -> list[Sealed]:
        """See ``Messages``. Backwards along the index ``place``, then turned around."""
        return (await self._read({"_id.c": conversation, "s": {"$lt": seq}}, order=-1, limit=limit))[::-1]

    async def latest(self, conversations: Sequence[ConversationId]) -> dict[ConversationId, Sealed]:
        """See ``Messages``. One document read for each conversation, however long it is; see ``latest_of``."""
        async with reaching():
            found = await self._messages.aggregate(latest_of(conversations)).to_list(None)
        return {ConversationId(each["_id"]): _from_document(each["last"]) for each in found}

    async def all(self, conversation: ConversationId) -> AsyncIterator[Sealed]:
        """See ``Messages``. In pages of 500; what is stored meanwhile is in it.

        Messages whose number was altered to none that a message can have come first, for the reader to refuse.
        """
        # Page by page, not with a cursor: a reader as slow as it likes holds nothing open on the server.
        for message in await self._read({"_id.c": conversation, "s": {"$not": {"$gt": 0}}}, order=1, limit=_PAGE):
            yield message  # renumbered to where no message can be: refused like any other, and not passed over
        last = Seq(0)
        while page := await self.after(conversation, last, limit=_PAGE):
            for message in page:
                yield message
            last = page[-1].seq

    async def _read(self, where: Document, *, order: int, limit: int) -> list[Sealed]:
        if limit < 1:
            return []  # to MongoDB 0 means "all"
        async with reaching():
            found = await self._messages.find(where).sort("s", order).limit(limit).to_list(None)
        return [_from_document(document) for document in found]

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


def _from_document(document: Document) -> Sealed:
    """The message in a document. What an altered document lacks or holds in another type is left out: the seal refuses
    such a message by itself, where raising here would take all that are read with it."""
    key: dict[str, UUID] = document["_id"]
    return Sealed(
        workspace=WorkspaceId(_of_type(document.get("w"), UUID, _NOBODY)),
        conversation=ConversationId(key["c"]),
        seq=Seq(_number(document.get("s"))),
        revision=_number(document.get("r")),
        client_id=ClientId(_of_type(key.get("i"), UUID, _NOBODY)),
        at=_number(document.get("t")),
        blob=_of_type(document.get("b"), bytes, b""),
    )


def _number(found: object) -> int:
    """A number that frames carry, as Python's own: the driver's 64-bit numbers are a class of their own."""
    return int(found) if isinstance(found, int) and 0 <= found <= _LATEST_MS else 0


def _of_type(found: Any, wanted: type[_Field], instead: _Field) -> _Field:
    return found if isinstance(found, wanted) else instead
