"""The connection to Redis, its deadlines, and which of its errors mean "not now".

Keys are built so that Cluster can hold them: what one script touches shares a ``{tag}``, and nothing else touches two
keys at once. Sentinel and Cluster clients offer the same ``pipeline()`` and fit where ``connect`` is called.
"""

from __future__ import annotations

import asyncio
from uuid import UUID

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import (
    ClusterDownError,
    ConnectionError,  # noqa: A004  Redis' own, which is no OSError
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    TimeoutError,  # noqa: A004
    TryAgainError,
)

from chat.errors import Unavailable

# Longer than any command of ours takes, shorter than a sender's patience; half-open connections end here, too.
ANSWER_S = 3.0
_CONNECT_S = 2.0
# Turn needs one, the bus one of its own outside the pool, health checks one; the rest is for tools.
_POOL = 8

_NOT_NOW = (ConnectionError, TimeoutError, ReadOnlyError, ClusterDownError, TryAgainError, OutOfMemoryError)
# Codes of errors that the driver has no class for: cannot persist, too few replicas, a script that does not end.
_NOT_NOW_CODES = ("MISCONF", "NOREPLICAS", "BUSY", "UNKILLABLE")


def connect(url: str) -> Redis:
    """A client for ``redis://``, ``rediss://`` or ``unix://``. Nothing is sent before the first call.

    It never repeats a command by itself: only the caller knows what may be done twice. At most 8 connections, 2 s to
    make one, 3 s to wait for a free one. Raises ValueError for an address of no such form. Close it with ``aclose()``.
    """
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=_POOL,
        timeout=ANSWER_S,
        socket_timeout=None,  # deadlines are around whole pipelines (Turn), where one timer serves a thousand replies
        socket_connect_timeout=_CONNECT_S,
        retry=Retry(NoBackoff(), 0),
        protocol=2,  # the bus reads RESP2's plain replies; in RESP3 they are push messages, which the driver handles
    )
    return Redis.from_pool(pool)


async def ping(redis: Redis) -> None:
    """One round trip, 3 s at most. Raises Unavailable."""
    try:
        async with asyncio.timeout(ANSWER_S):
            await redis.execute_command("PING")  # type: ignore[no-untyped-call]
    except (RedisError, OSError) as error:  # a TimeoutError of Python's is an OSError
        raise unavailable(error) from error


def means_not_now(error: Exception) -> bool:
    """Whether the same call may succeed later, unchanged; all else is a mistake of ours.

    Lost and refused connections, deadlines, and a server that is loading, full, read-only, or short of replicas.
    """
    return isinstance(error, (*_NOT_NOW, OSError)) or str(error).startswith(_NOT_NOW_CODES)


def unavailable(error: Exception) -> Unavailable:
    """What callers are told: the kind of error and none of its text, which may name what was sent."""
    return Unavailable(f"Redis cannot answer now: {type(error).__name__}")


def key(kind: str, *parts: UUID | str) -> str:
    """``aican:<kind>:{<part>:…}``: the braces make Cluster place keys by what they are about, not by their kind."""
    return f"aican:{kind}:{{{':'.join(map(str, parts))}}}"
