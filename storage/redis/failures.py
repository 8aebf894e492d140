"""Which failures of Redis mean "not now", and what callers are told then."""

from __future__ import annotations

from redis.exceptions import ConnectionError as Lost
from redis.exceptions import InvalidResponse, RedisError, TimeoutError  # noqa: A004  Redis' own

from chat.errors import Unavailable

# First words of error replies after which the same call may succeed later, unchanged: the server is starting, cannot
# write, cannot reach its peers, is busy with a script that does not end; or it does not know us (an operator's change).
_NOT_NOW = frozenset(
    {
        *("LOADING", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "MOVED", "ASK"),
        *("OOM", "MISCONF", "NOREPLICAS", "BUSY", "UNKILLABLE", "NOAUTH", "WRONGPASS"),
    }
)


class WrongKind(Exception):
    """The address names a server of another kind than the one that answers there."""


def code(error: Exception) -> str:
    """The first word of an error reply, which says what kind it is."""
    return str(error).partition(" ")[0]


def means_not_now(error: Exception) -> bool:
    """Whether the same call may succeed later, unchanged; all else is a mistake of ours."""
    if isinstance(error, (Lost, TimeoutError, InvalidResponse, OSError)):  # Python's own TimeoutError is an OSError
        return True
    return isinstance(error, RedisError) and code(error) in _NOT_NOW


def told(error: Exception) -> Exception:
    """The exception for one caller: a new Unavailable, which collects only its own traceback, or ``error`` itself."""
    if isinstance(error, Unavailable):
        fresh, cause = Unavailable(*error.args), error.__cause__
    elif means_not_now(error):
        fresh, cause = Unavailable(f"Redis cannot answer now: {type(error).__name__}"), error
    else:
        return error
    fresh.__cause__ = cause
    return fresh
