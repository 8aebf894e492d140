"""What to tell an operator whose store cannot be used. Passwords in addresses are never part of it."""

from __future__ import annotations

import re
from typing import Literal
from urllib.parse import urlsplit

from chat.errors import OperatorError
from config.settings import Settings

Store = Literal["redis", "mongodb"]
_NAMES: dict[Store, str] = {"redis": "Redis", "mongodb": "MongoDB"}
# Drivers go on with their configuration, the state of every socket they tried, or the server's whole answer.
_REST = re.compile(r" \(configured timeouts|, Timeout:|,? full error:")

# What no server at a socket's path gives (errno(3): ENOENT, ECONNREFUSED): it does not run, and that is said already.
_NOT_RUNNING = re.compile(r"\bErr(no|or) (2|111)\b")


def unreachable(settings: Settings, store: Store, reason: str = "") -> OperatorError:
    """The error for a store that does not answer. It says where the store should be."""
    if _url(settings, store) is None and _NOT_RUNNING.search(reason):
        reason = ""
    problem = f"cannot reach {_place(settings, store)}{f': {reason}' if reason else ''}."
    if _url(settings, store) is None:
        return OperatorError(problem, f"Start it with `aican up`, or set {_setting(store)} to a server of yours.")
    return OperatorError(problem, f"Start it, or correct {_setting(store)}.")


def turned_away(settings: Settings, store: Store, reason: str) -> OperatorError:
    """The error for a store that answers, but not to us: a wrong password, missing rights, another kind of server."""
    return OperatorError(
        f"{_place(settings, store)} does not take us: {reason}.", f"Correct {_setting(store)}, or our rights there."
    )


def refused(settings: Settings, store: Store, error: Exception) -> OperatorError:
    """The error for an address that the driver refuses. What it says of it is left out: that may hold the password."""
    return OperatorError(
        f"{_setting(store)} is no address that the driver for {_NAMES[store]} takes ({type(error).__name__}).",
        "Correct it: user name and password are percent-encoded, and a host of mongodb+srv:// must be in the DNS.",
    )


def reason(error: BaseException) -> str:
    """What a driver said of a failure, in one short line, without a full stop."""
    cause = error.__cause__ or error
    told = " ".join(_REST.split(str(cause), maxsplit=1)[0].split())
    return told.rstrip(".,") or type(cause).__name__


def _setting(store: Store) -> str:
    return f"AICAN_{store.upper()}_URL"


def _url(settings: Settings, store: Store) -> str | None:
    url = settings.redis_url if store == "redis" else settings.mongodb_url
    return None if url is None else url.get_secret_value()


def _place(settings: Settings, store: Store) -> str:
    url = _url(settings, store)
    if url is None:
        return f"the local {_NAMES[store]} of {settings.data_dir}"
    parts = urlsplit(url)
    return f"{_NAMES[store]} at {parts.netloc.rpartition('@')[2] or parts.path}"
