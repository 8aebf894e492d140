"""The frames that clients send. The server checks every field before any rule sees it."""

from __future__ import annotations

from uuid import UUID

from chat.protocol.values import Conduct, Number, Page, Positions, Ref, Secret, Sent, Short, Text


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
    available: bool
    """Whether the agent takes new conversations. Said here, so that who is away is not shown as there for a moment."""


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
