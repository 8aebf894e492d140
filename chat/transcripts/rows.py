"""One line of a transcript, and the catalogue of what can be wrong with it."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from chat.clock import as_datetime
from chat.model import Conversation, Kind, Role


class Fault(StrEnum):
    """Why a line has no text. A reader is told; nothing is left out in silence."""

    TAMPERED = "tampered"
    """What is stored under this number does not open: altered, moved or renumbered, or its key was destroyed.
    Number and time are what the record claims."""
    MISSING = "missing"
    """The record has no message with this number, nor with the ones up to the next line's."""


class Row(Struct, frozen=True):
    """One numbered message with what a consumer needs of its conversation. Field order is the order of CSV columns.

    Times are RFC 3339 in UTC with milliseconds. ``author`` is a name as it is today, empty when unknown.
    """

    conversation: str
    site: str
    opened_at: str
    ended_at: str
    visitor: str
    seq: int
    at: str
    kind: str
    role: str
    author_id: str
    author: str
    text: str
    error: str

    def __repr__(self) -> str:
        return f"Row({self.conversation} {self.seq})"


COLUMNS = Row.__struct_fields__


def row(
    conversation: Conversation,
    seq: int,
    *,
    at: int | None = None,
    kind: Kind | None = None,
    role: Role | None = None,
    author_id: str = "",
    author: str = "",
    text: str = "",
    error: str = "",
) -> Row:
    """A row of ``conversation``; what is not known is empty."""
    return Row(
        conversation=str(conversation.id),
        site=str(conversation.site),
        opened_at=rfc3339(conversation.opened_at),
        ended_at="" if conversation.ended_at is None else rfc3339(conversation.ended_at),
        visitor=str(conversation.visitor),
        seq=seq,
        at="" if at is None else rfc3339(at),
        kind="" if kind is None else kind.name.lower(),
        role="" if role is None else role.name.lower(),
        author_id=author_id,
        author=author,
        text=text,
        error=error,
    )


def rfc3339(at_ms: int) -> str:
    """Unix milliseconds as ``2026-11-23T10:30:00.000Z``."""
    return as_datetime(at_ms).isoformat(timespec="milliseconds").replace("+00:00", "Z")
