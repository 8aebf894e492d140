"""What was seen in a run by everybody: the senders, the record, each participant. Plain values, for the checker."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple
from uuid import UUID

from chat.protocol.frames import Message, MessageView, Snapshot
from tests.chaos.strand import Strand


class Entry(NamedTuple):
    """A message at its place, as the record holds it or as somebody was shown it."""

    seq: int
    client_id: UUID
    kind: int
    """``chat.protocol.values.Kind``."""
    body: str
    role: int
    """``chat.protocol.values.Role``."""
    author: UUID | None
    """Visitor or account; None for the system."""
    at: int
    """Unix milliseconds."""


NOBODY = UUID(int=0)
"""In place of an author."""


def entry(message: MessageView) -> Entry:
    """A message as histories keep it."""
    kind, role = int(message.kind), int(message.role)
    return Entry(message.seq, message.client_id, kind, message.body, role, message.author, message.at)


def carried(strand: Strand) -> Iterator[tuple[UUID, Entry]]:
    """Every message of a connection, with its conversation, in the order in which it came."""
    for frame in strand.frames:
        if isinstance(frame, Message):
            yield frame.conversation, entry(frame.message)
        elif isinstance(frame, Snapshot):
            yield from ((frame.conversation.conversation, entry(message)) for message in frame.messages)


class Outcome(Enum):
    """What became of a post, as its sender knows it."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    """For good: the sender was told that it is not kept."""
    ABANDONED = "abandoned"
    """The sender went away before the answer came. It may be in the record or not."""


@dataclass(slots=True)
class Sent:
    """A post and what became of it. Posts of one sender stand in the order in which they were said."""

    sender: str
    conversation: UUID
    client_id: UUID
    body: str
    outcome: Outcome = Outcome.WAITING
    role: int = 0
    author: UUID | None = None
    """What the sender is; known once it is accepted."""
    seq: int = 0
    at: int = 0
    """The accepted number and time."""
    why: str = ""
    """The refusal's text."""
    was_late: bool = False
    """Refused because the conversation has ended."""
    following: UUID | None = None
    """Where a visitor goes on then."""
    said_at: float = 0.0
    accepted_at: float = 0.0
    """Both in monotonic seconds."""


@dataclass(slots=True)
class View:
    """What one participant was shown of one conversation, in the order in which it was shown."""

    who: str
    conversation: UUID
    shown: list[Entry] = field(default_factory=list)
    fresh_starts: set[int] = field(default_factory=set)
    """First numbers of snapshots that said they are not whole: what came before was asked for afterwards."""
    asked_for: dict[int, Entry] = field(default_factory=dict)
    """Older messages, by number, as the answers to such questions brought them."""
    is_present: bool = True
    """Still there at the end: then everything must have come."""


class Early(NamedTuple):
    """A message that somebody was shown, or was told of as accepted, at a moment when the record did not hold it."""

    who: str
    conversation: UUID
    seq: int
    client_id: UUID


MUTE, DEAD_SERVER, DEAD_CLIENT = "a mute subscriber", "a silent server", "a silent client"
"""Losses that nobody tells of. Who notices: the gateway, which says that it is not ready; the client; the gateway."""


class Noticed(NamedTuple):
    """A loss that nobody told of."""

    what: str
    where: str
    took_s: float
    """Until it was noticed; or how long it was waited for in vain."""


@dataclass(slots=True)
class History:
    """One run."""

    record: dict[UUID, list[Entry]] = field(default_factory=dict)
    """In order of number, read when everything was quiet."""
    sent: list[Sent] = field(default_factory=list)
    accepted: list[Sent] = field(default_factory=list)
    """Those of ``sent`` that were, in the order of their acceptance."""
    views: list[View] = field(default_factory=list)
    early: list[Early] = field(default_factory=list)
    strands: list[Strand] = field(default_factory=list)
    """What watchers were sent, by connection."""
    noticed: list[Noticed] = field(default_factory=list)
    names: dict[UUID, str] = field(default_factory=dict)
    """Accounts of agents, and what they are called."""
