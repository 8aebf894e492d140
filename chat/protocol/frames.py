"""The frames of ``aican.v1``: frozen typed values, one class a kind. PROTOCOL.md is the specification.

On the wire a frame is an array: its kind, its ref, then its fields in the order they stand here. ``ref`` pairs an
answer with its question; 0 asks for none. Times are Unix milliseconds.
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
    """The latest text, for lists."""


class SiteView(Shown, frozen=True):
    """What the panel shows of the business."""

    name: str
    greeting: str
    policy_url: str
    policy_version: str


# --- what clients send ---------------------------------------------------------------------------------------------


class Hello(Sent, frozen=True, tag=1):
    """A visitor's first frame. ``token`` is what an earlier ``Welcome`` gave; nil the first time."""

    ref: Ref
    site: Short
    token: Secret | None
    page: Page
    conversation: UUID | None
    position: Number
    """The highest number this client holds of ``conversation``; 0 for none."""


class HelloAgent(Sent, frozen=True, tag=2):
    """An agent's first frame, with a one-time ticket from the signed-in web session."""

    ref: Ref
    ticket: Secret
    positions: Positions


class Post(Sent, frozen=True, tag=3):
    """Send a text. ``client_id`` is a UUIDv7 that the sender keeps until it is accepted; a retry carries the same."""

    ref: Ref
    conversation: UUID
    client_id: UUID
    text: Text
    conduct: Conduct

    def __post_init__(self) -> None:
        # Facts have client ids, too, of version 8, which anybody can compute: nobody may post under one before it is.
        if self.client_id.version != 7:
            raise ValueError("a client id is a UUIDv7")


class Typing(Sent, frozen=True, tag=4):
    """The sender writes (true) or stopped (false). At most one each three seconds is passed on."""

    ref: Ref
    conversation: UUID
    on: bool


class Mark(Sent, frozen=True, tag=5):
    """The sender received and read everything up to these numbers."""

    ref: Ref
    conversation: UUID
    received: Number
    read: Number


class End(Sent, frozen=True, tag=6):
    """End the conversation, for both sides."""

    ref: Ref
    conversation: UUID


class Beat(Sent, frozen=True, tag=7):
    """A heartbeat with the sender's positions. The peer answers a client's with ``Tops``."""

    ref: Ref
    positions: Positions


class History(Sent, frozen=True, tag=8):
    """Ask for the messages before a number; answered by a ``Snapshot`` page."""

    ref: Ref
    conversation: UUID
    before: Number


class Introduce(Sent, frozen=True, tag=9):
    """The visitor says who they are. Unverified: agents see it marked so. Empty leaves a field as it was."""

    ref: Ref
    name: Short
    email: Short


class Claim(Sent, frozen=True, tag=16):
    """Take a waiting conversation. Of two claims at once exactly one is ``Done``."""

    ref: Ref
    conversation: UUID


class Watch(Sent, frozen=True, tag=17):
    """Follow a conversation from ``position`` on; answered by a ``Snapshot``, then kept up to date."""

    ref: Ref
    conversation: UUID
    position: Number


class Unwatch(Sent, frozen=True, tag=18):
    """Stop following."""

    ref: Ref
    conversation: UUID


class Availability(Sent, frozen=True, tag=19):
    """The agent takes (true) or does not take (false) new conversations."""

    ref: Ref
    available: bool


# --- what servers send ---------------------------------------------------------------------------------------------


class Welcome(Shown, frozen=True, tag=64):
    """Answer to ``Hello``. ``conversation`` is where to post: the open one, or the id that the next one will have."""

    ref: int
    visitor: UUID
    token: str
    conversation: UUID
    state: State
    site: SiteView
    attended: bool
    """Somebody is there to answer."""
    heartbeat_ms: int
    now: int


class WelcomeAgent(Shown, frozen=True, tag=65):
    """Answer to ``HelloAgent``. A ``Queue`` follows, then a ``Snapshot`` for each conversation in its positions."""

    ref: int
    me: Person
    workspace: str
    heartbeat_ms: int
    now: int


class Snapshot(Shown, frozen=True, tag=66):
    """Messages in order. ``recovered``: everything after the asked position, to be added to what the client has.

    Not recovered: the latest ones, which replace what the client has. ``more``: older ones exist (``History``).
    """

    ref: int
    conversation: ConversationView
    people: list[Person]
    """Agents who wrote or joined, to name the authors."""
    messages: list[MessageView]
    marks: list[MarkView]
    recovered: bool
    more: bool


class Message(Shown, frozen=True, tag=67):
    """A message was stored. Numbers come without holes and in order."""

    ref: int
    conversation: UUID
    message: MessageView


class Accepted(Shown, frozen=True, tag=68):
    """The post is in the record and on its way: forget the draft."""

    ref: int
    conversation: UUID
    client_id: UUID
    seq: int
    at: int


class Refused(Shown, frozen=True, tag=69):
    """The question was not carried out, and nothing of it was kept. The catalogue says what the peer does next."""

    ref: int
    code: int
    text: str
    then: str
    retry_after_ms: int | None
    detail: str
    """For ``ended``: the id of the next conversation. For ``taken``: who has it. Else empty."""


class TypingNow(Shown, frozen=True, tag=70):
    """Somebody writes, or stopped. Forget it after six seconds without another."""

    ref: int
    conversation: UUID
    role: Role
    author: UUID
    on: bool


class Marks(Shown, frozen=True, tag=71):
    """One side received and read up to these numbers."""

    ref: int
    conversation: UUID
    mark: MarkView


class ConversationChanged(Shown, frozen=True, tag=72):
    """To agents: a conversation of the workspace changed. Ignore a revision older than the one held."""

    ref: int
    conversation: ConversationView


class Presence(Shown, frozen=True, tag=73):
    """To agents: a colleague came, went, or changed availability."""

    ref: int
    person: Person
    online: bool


class Tops(Shown, frozen=True, tag=74):
    """Answer to ``Beat``: the highest stored number of each conversation asked about."""

    ref: int
    positions: list[tuple[UUID, int]]


class Goodbye(Shown, frozen=True, tag=75):
    """The server is about to hang up. ``then`` says what to do, ``after_ms`` how long to wait before it."""

    ref: int
    code: int
    text: str
    then: str
    after_ms: int


class Done(Shown, frozen=True, tag=76):
    """The question was carried out."""

    ref: int


class Attendance(Shown, frozen=True, tag=77):
    """To visitors: somebody is there to answer, or nobody is any more."""

    ref: int
    attended: bool


class Queue(Shown, frozen=True, tag=78):
    """To agents: every open conversation, the last ended ones, and who is online. It replaces what the client has."""

    ref: int
    conversations: list[ConversationView]
    ended: list[ConversationView]
    people: list[Person]


ClientFrame = (
    Hello
    | HelloAgent
    | Post
    | Typing
    | Mark
    | End
    | Beat
    | History
    | Introduce
    | Claim
    | Watch
    | Unwatch
    | Availability
)
ServerFrame = (
    Welcome
    | WelcomeAgent
    | Snapshot
    | Message
    | Accepted
    | Refused
    | TypingNow
    | Marks
    | ConversationChanged
    | Presence
    | Tops
    | Goodbye
    | Done
    | Attendance
    | Queue
)
