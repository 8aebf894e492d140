"""Names of things. Every identifier is its own type, so that one cannot stand where another belongs."""

from __future__ import annotations

import hashlib
from typing import NewType
from uuid import UUID

WorkspaceId = NewType("WorkspaceId", UUID)
SiteId = NewType("SiteId", str)
"""Public: it stands in the snippet on the customer's page."""
VisitorId = NewType("VisitorId", UUID)
AccountId = NewType("AccountId", UUID)
ConversationId = NewType("ConversationId", UUID)
ClientId = NewType("ClientId", UUID)
"""A message's name, given by its sender before sending; a retry carries the same one."""
SubjectId = NewType("SubjectId", UUID)
"""A person in privacy law, the owner of a key: a visitor or an account."""
Seq = NewType("Seq", int)
"""A message's place in its conversation: 1, 2, 3 … without holes."""
Epoch = NewType("Epoch", int)
"""Which of a conversation's keys sealed a message: 0 … 65535."""


def uuid7(now_ms: int, random: bytes) -> UUID:
    """A time-ordered identifier (RFC 9562 §5.7) from Unix milliseconds and 10 random bytes.

    48 bits are time, which last until the year 10889; 74 of the random 80 are kept.
    """
    value = (now_ms & (2**48 - 1)) << 80 | int.from_bytes(random[:10], "big")
    return UUID(int=_stamped(value, version=7))


def next_conversation(visitor: VisitorId, previous: ConversationId | None) -> ConversationId:
    """The id of the conversation that follows ``previous``.

    It follows from what came before, so two tabs that both start a conversation start the same one, and a retry
    after a lost answer finds what it had started. It is no secret: access is decided by who asks.
    """
    came_before = previous.bytes if previous else bytes(16)
    return ConversationId(uuid8(b"aican/next-conversation/v1" + visitor.bytes + came_before))


def uuid8(content: bytes) -> UUID:
    """An identifier that follows from its content: the first 16 bytes of its SHA-256, in the layout of UUIDv8
    (RFC 9562 §5.8), which keeps 122 bits of them."""
    digest = hashlib.sha256(content).digest()
    return UUID(int=_stamped(int.from_bytes(digest[:16], "big"), version=8))


def _stamped(value: int, *, version: int) -> int:
    """``value`` with the version and variant bits of RFC 9562 set."""
    value &= ~(0xF << 76 | 0x3 << 62)
    return value | version << 76 | 0x2 << 62
