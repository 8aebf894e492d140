"""What to tell an operator whose store does not answer."""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlsplit

from chat.errors import OperatorError
from config.settings import Settings

Store = Literal["redis", "mongodb"]
_NAMES: dict[Store, str] = {"redis": "Redis", "mongodb": "MongoDB"}


def unreachable(settings: Settings, store: Store, reason: str = "") -> OperatorError:
    """The error for a store that ``settings`` point at. It says where the store should be, without the password."""
    name, setting = _NAMES[store], f"AICAN_{store.upper()}_URL"
    url = settings.redis_url if store == "redis" else settings.mongodb_url
    why = f": {reason.rstrip('.')}" if reason else ""
    if url is None:
        return OperatorError(
            f"cannot reach the local {name} of {settings.data_dir}{why}.",
            f"Start it with `aican up`, or set {setting} to a server of yours.",
        )
    return OperatorError(
        f"cannot reach {name} at {_place(url.get_secret_value())}{why}.", f"Start it, or correct {setting}."
    )


def _place(url: str) -> str:
    parts = urlsplit(url)
    return parts.netloc.rpartition("@")[2] or parts.path
