"""The frames that servers send."""

from __future__ import annotations

from uuid import UUID

from chat.protocol.values import ConversationView, MarkView, MessageView, Person, Role, Shown, SiteView, State


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
