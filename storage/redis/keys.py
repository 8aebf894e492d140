"""Names of keys and channels, and where Cluster puts them.

What one script touches shares a ``{tag}``, and so do a conversation's keys and its topic; nothing else touches two keys
at once.
"""

from __future__ import annotations

from uuid import UUID

from redis.crc import key_slot

# Channels are shared by all databases of a server, and by whoever else uses it.
_CHANNEL = "aican:"


def key(kind: str, about: UUID | str) -> str:
    """``aican:<kind>:{<about>}``: the braces make Cluster place keys by what they are about, not by their kind."""
    return f"aican:{kind}:{{{about}}}"


def channel(topic: str) -> str:
    """Where a topic's facts are published."""
    return _CHANNEL + topic


def slot(name: str | bytes | int) -> int:
    """The Cluster slot of a key or channel, 0 to 16383 (Redis Cluster specification, "Key distribution model")."""
    return key_slot(name if isinstance(name, bytes) else str(name).encode())


def beside(name: str, kind: str) -> str:
    """A channel for ``kind`` in the same slot as the key or channel ``name``."""
    start = name.find("{")
    end = name.find("}", start + 1)
    tag = name[start + 1 : end] if start >= 0 and end > start + 1 else name
    return f"{_CHANNEL}{kind}:{{{tag}}}"
