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
    Number and time are what the record claims; number 0 is for what was renumbered to what no message has."""
    MISSING = "missing"
    """The record has no message with this number, nor with the ones up to the next line's."""
    DAMAGED = "damaged"
    """Not a message's line, but the conversation's: its record holds impossible values, and is shown without them.
    The text names their fields."""
    DETAILS = "details_unreadable"
    """The conversation's line, too: what was known of the visitor's page and browser does not open."""


class Row(Struct, frozen=True):
    """One numbered message with what a consumer needs of its conversation. Field order is the order of CSV columns.

    Times are RFC 3339 in UTC with milliseconds, None when there is none. ``author`` is a name as it is today, empty
    when unknown. ``seq`` is 0 in lines that are no message's.
    """

    conversation: str
    site: str
    opened_at: str | None
    ended_at: str | None
    visitor: str
    seq: int
    at: str | None
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
    """A row of ``conversation``; ``at`` in Unix milliseconds. What is not known is empty, or None for a time."""
    return Row(
        conversation=str(conversation.id),
        site=str(conversation.site),
        opened_at=opening(conversation),
        ended_at=rfc3339(conversation.ended_at),
        visitor="" if "visitor" in conversation.damaged else str(conversation.visitor),
        seq=seq,
        at=rfc3339(at),
        kind="" if kind is None else kind.name.lower(),
        role="" if role is None else role.name.lower(),
        author_id=author_id,
        author=author,
        text=text,
        error=error,
    )


def opening(conversation: Conversation) -> str | None:
    """When a conversation was opened, as ``rfc3339``; None when its record does not say."""
    return None if "opened_at" in conversation.damaged else rfc3339(conversation.opened_at)


def rfc3339(at_ms: int | None) -> str | None:
    """Unix milliseconds as ``2026-11-23T10:30:00.000Z`` (RFC 3339 §5.6); None for None."""
    return None if at_ms is None else as_datetime(at_ms).isoformat(timespec="milliseconds").replace("+00:00", "Z")
