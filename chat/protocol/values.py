"""What frames are made of: bounded texts and numbers, enumerations, and the parts that several frames carry.

Times are Unix milliseconds. Each part is an array on the wire, its fields in the order they stand here.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

TEXT_CHARACTERS = 8_000
"""A message's length at most. Four bytes each still fit a frame of 64 KiB."""

Ref = Annotated[int, Meta(ge=0, le=2**32 - 1)]
Number = Annotated[int, Meta(ge=0, le=2**53 - 1)]
"""What a JavaScript number holds exactly."""
Text = Annotated[str, Meta(max_length=TEXT_CHARACTERS)]
Short = Annotated[str, Meta(max_length=256)]
Url = Annotated[str, Meta(max_length=2048)]
Secret = Annotated[str, Meta(max_length=1024)]
POSITIONS = 64
"""More conversations than anybody follows at once; no list that clients send is longer."""
Positions = Annotated[list[tuple[UUID, Number]], Meta(max_length=POSITIONS)]
"""Pairs of conversation and the highest number that its holder has."""


class Role(IntEnum):
    """Who speaks."""

    SYSTEM = 0
    VISITOR = 1
    AGENT = 2


class State(IntEnum):
    """Where a conversation stands."""

    NEW = 0
    WAITING = 1
    ACTIVE = 2
    ENDED = 3


class Kind(IntEnum):
    """What a numbered message is. Everything that happens in a conversation has a number, so nothing is missed."""

    TEXT = 0
    JOINED = 1
    """An agent joined; the body is the agent's name."""
    ENDED = 2
    VOID = 3
    """A number that nobody used. It shows nothing and only keeps the numbers whole."""
    UNREADABLE = 4
    """What stands in the record under this number does not open: it was altered, or its key was destroyed."""


TAKEN_OUT = "missing"
"""The text of a void that stands for a number found open long after it was given: no crash leaves one so long, so
readers are told that a message is missing there."""


class Sent(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What clients send: a field that the server does not know is refused."""


class Shown(Struct, frozen=True, array_like=True):
    """What servers send: fields that a later server adds at the end are ignored."""


class Page(Sent, frozen=True):
    """What the visitor's browser says of itself and the page that embeds the widget."""

    url: Url = ""
    title: Short = ""
    referrer: Url = ""
    language: Short = ""
    timezone: Short = ""
    screen: Short = ""


class Conduct(Sent, frozen=True):
    """Derived numbers of how a message was written; never keystrokes."""

    elapsed_ms: Number = 0
    """From the panel's first display until this message was sent."""
    decoy: Short = ""
    """A field that people do not see."""


class Person(Shown, frozen=True):
    """Somebody in the workspace, as colleagues and visitors may see them."""

    account: UUID
    name: str
    role: str
    available: bool


class VisitorView(Shown, frozen=True):
    """A visitor as agents see them. Empty strings are unknown."""

    visitor: UUID
    name: str
    email: str
    page_url: str
    page_title: str
    referrer: str
    browser: str
    system: str
    device: str
    language: str
    timezone: str


class MessageView(Shown, frozen=True):
    """One numbered message, opened. ``author`` is nil for the system."""

    seq: int
    client_id: UUID
    kind: Kind
    role: Role
    author: UUID | None
    at: int
    body: str

    @property
    def is_taken_out(self) -> bool:
        """Whether it is a void that stands for a message which is missing."""
        return self.kind is Kind.VOID and self.body == TAKEN_OUT


class MarkView(Shown, frozen=True):
    """How far one side has received and read: everything up to and including these numbers."""

    role: Role
    received: int
    read: int


class ConversationView(Shown, frozen=True):
    """A conversation's state. ``revision`` grows with every change: an older one that comes late is ignored."""

    conversation: UUID
    site: str
    state: State
    revision: int
    agent: Person | None
    opened_at: int
    claimed_at: int | None
    ended_at: int | None
    top: int
    visitor: VisitorView | None
    """Nil in what visitors are sent."""
    preview: MessageView | None
    """The latest message, for lists: its beginning."""


class SiteView(Shown, frozen=True):
    """What the panel shows of the business."""

    name: str
    greeting: str
    policy_url: str
    policy_version: str
