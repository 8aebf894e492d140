"""The connection to MongoDB, its deadlines, and which of its errors mean "not now"."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorCollection, AsyncIOMotorDatabase
from pymongo import ReadPreference, WriteConcern
from pymongo.errors import (
    ConnectionFailure,
    ExecutionTimeout,
    OperationFailure,
    PyMongoError,
    WriteConcernError,
)
from pymongo.read_concern import ReadConcern

from chat.errors import Unavailable
from storage.failures import NotLetIn

Document: TypeAlias = dict[str, Any]
Database: TypeAlias = "AsyncIOMotorDatabase[Document]"
Collection: TypeAlias = "AsyncIOMotorCollection[Document]"

DEFAULT_DATABASE = "aican"

# A caller that waits longer than this for a server holds a visitor's message longer than the visitor's patience.
_FIND_SERVER_MS = 3_000
# A majority that cannot be had is reported before the socket is given up for dead; both before the whole call is.
_MAJORITY_MS = 4_000
_SOCKET_MS = 5_000
_CALL_S = 6.0
# Motor runs calls in a pool of (5 × cores) threads; more connections than threads would never be used.
_POOL = 32

_MAJORITY = WriteConcern("majority", wtimeout=_MAJORITY_MS, j=True)
# A standalone server is its own majority, but does not wait for its journal when it is asked for one: SERVER-139311.
# Measured on the local store, kill -9 under load: with "majority" 17 of 50 kills lost acknowledged documents, 4,080 of
# 248,000; with 1 none of 340 kills, of 1.6 million documents.
_ALONE = WriteConcern(1, j=True)

# What a primary holds and its majority does not may be rolled back when another takes over: nobody is shown that. It
# costs no wait: a primary answers from what it knows a majority to have. A standalone server, which has no other
# members, takes it as "local": the write concern has to differ by the kind of server, this does not.
_KEPT = ReadConcern("majority")

# "Not now" among the errors that a server answers with; the rest are mistakes of ours and stay what they are.
# https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml
_NOT_NOW = frozenset(
    {
        6,  # HostUnreachable
        7,  # HostNotFound
        43,  # CursorNotFound: the server restarted between two pages
        50,  # MaxTimeMSExpired
        64,  # WriteConcernFailed
        89,  # NetworkTimeout
        91,  # ShutdownInProgress
        133,  # FailedToSatisfyReadPreference
        134,  # ReadConcernMajorityNotAvailableYet
        189,  # PrimarySteppedDown
        202,  # NetworkInterfaceExceededTimeLimit
        262,  # ExceededTimeLimit
        9001,  # SocketException
        10058,  # LegacyNotPrimary
        10107,  # NotWritablePrimary
        11600,  # InterruptedAtShutdown
        11602,  # InterruptedDueToReplStateChange
        13435,  # NotPrimaryNoSecondaryOk
        13436,  # NotPrimaryOrSecondary
        14031,  # OutOfDiskSpace
    }
)
DUPLICATE = 11_000
_NOT_LET_IN = {
    18: "user name or password is wrong",  # AuthenticationFailed
    13: "user name and password are missing, or have too few rights",  # Unauthorized
}


def connect(url: str) -> Database:
    """A handle on the database that ``url`` names, ``aican`` if it names none. Nothing is sent before the first call.

    Whatever the URL says: writes go through ``writing`` and wait for the journals of a majority, reads come from the
    primary and show only what a majority has (read concern ``majority``), UUIDs are binary; at most 32 connections, 3 s
    to find a server, 6 s for a call. Raises ``pymongo.errors.ConfigurationError`` for a URL that is none.
    """
    client: AsyncIOMotorClient[Document] = AsyncIOMotorClient(
        url,
        uuidRepresentation="standard",
        serverSelectionTimeoutMS=_FIND_SERVER_MS,
        connectTimeoutMS=_FIND_SERVER_MS,
        socketTimeoutMS=_SOCKET_MS,
        waitQueueTimeoutMS=_FIND_SERVER_MS,
        maxPoolSize=_POOL,
        appname="aican",
        # One date or text that Python cannot hold must not take a whole page of documents with it.
        datetime_conversion="DATETIME_MS",
        unicode_decode_error_handler="replace",
    )
    return client.get_default_database(
        DEFAULT_DATABASE,
        write_concern=_MAJORITY,
        read_concern=_KEPT,
        read_preference=ReadPreference.PRIMARY,
    )


def close(database: Database) -> None:
    """Close the connections behind this handle."""
    database.client.close()


async def ping(database: Database) -> None:
    """One round trip, 6 s at most. Raises Unavailable."""
    async with reaching():
        await database.command("ping")


@asynccontextmanager
async def reaching() -> AsyncIterator[None]:
    """Around every read: a deadline (6 s) for the whole of it, and Unavailable for whatever means "not now".

    NotLetIn where the server wants another user name or password, or gives them too few rights. Other
    errors of the driver pass as they are: they are mistakes of ours.
    """
    try:
        # The driver's own deadlines begin when one of Motor's threads takes the call; this one counts the wait for it.
        async with asyncio.timeout(_CALL_S):
            yield
    except TimeoutError as error:
        raise Unavailable("MongoDB did not answer in time") from error
    except PyMongoError as error:
        if means_not_now(error):
            raise Unavailable(f"MongoDB cannot answer now: {type(error).__name__}") from error
        if isinstance(error, OperationFailure) and error.code in _NOT_LET_IN:
            said = str(error.details.get("errmsg") if error.details else error).rstrip(".")
            raise NotLetIn(f"{_NOT_LET_IN[error.code]} ({said})") from None
        raise


@asynccontextmanager
async def writing(collection: Collection) -> AsyncIterator[Collection]:
    """Around every write: ``reaching``, and the collection with the write concern that this kind of server keeps.

    ``w:majority, j:true`` on replica sets and clusters, ``w:1, j:true`` on a standalone server. DuplicateKeyError and
    BulkWriteError pass: what they mean the caller knows.
    """
    async with reaching():
        kinds = _kinds(collection)
        if kinds <= {"Unknown"}:  # before the first contact, or after the loss of the only server
            await collection.database.command("ping")
            kinds = _kinds(collection)
        yield collection.with_options(write_concern=_ALONE) if "Standalone" in kinds else collection


def _kinds(collection: Collection) -> set[str]:
    """What the driver knows its servers to be, at this moment: Standalone, RSPrimary, Mongos …, Unknown."""
    servers = collection.database.client.topology_description.server_descriptions()
    return {server.server_type_name for server in servers.values()}


def means_not_now(error: PyMongoError) -> bool:
    """Whether the same call may succeed later, unchanged: lost connections, deadlines, unconfirmed writes, and the
    server's codes of ``is_not_now``."""
    if isinstance(error, (ConnectionFailure, ExecutionTimeout, WriteConcernError)):
        return True
    return isinstance(error, OperationFailure) and is_not_now(error.code)


def is_not_now(code: int | None) -> bool:
    """Whether a server's error code means that it cannot answer at this moment."""
    return code in _NOT_NOW
