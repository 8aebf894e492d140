"""What gateways tell each other over the bus: things that happened. Texts travel sealed, names not at all.

Facts are hints, never the record: each may be lost, and whoever needs it finds the same in a store.
"""

from __future__ import annotations

from uuid import UUID

import msgspec
from msgspec import Struct

from chat.ids import AccountId, ConversationId, WorkspaceId
from chat.model import Conversation, Role, Sealed


class Fact(Struct, frozen=True, array_like=True):
    """Something that happened."""


class MessageStored(Fact, frozen=True, tag=1):
    """A message is in the record. Topic: its conversation's; the workspace's too while the conversation waits."""

    sealed: Sealed


class Typed(Fact, frozen=True, tag=2):
    """Somebody writes or stopped. Topic: the conversation's."""

    conversation: ConversationId
    role: Role
    author: UUID
    on: bool


class Marked(Fact, frozen=True, tag=3):
    """A side received and read up to these numbers. Topic: the conversation's."""

    conversation: ConversationId
    role: Role
    received: int
    read: int


class Changed(Fact, frozen=True, tag=4):
    """A conversation has a new revision. Topics: the conversation's and the workspace's."""

    conversation: Conversation


class Came(Fact, frozen=True, tag=5):
    """Somebody's presence changed; the presence store says how. Topic: the workspace's presence."""

    workspace: WorkspaceId
    account: AccountId


class SignedOut(Fact, frozen=True, tag=6):
    """A sign-in ended, or with ``sign_in`` empty all of this account's. Topic: everybody's."""

    account: AccountId
    sign_in: str


class Utterance(Struct, frozen=True, array_like=True):
    """A text's keyed digest, and where it was said."""

    workspace: WorkspaceId
    digest: bytes
    conversation: ConversationId


class Said(Fact, frozen=True, tag=7):
    """What was said lately, for finding repeats. Topic: everybody's. ``gateway``: who tells, 8 random bytes."""

    gateway: bytes
    utterances: list[Utterance]


class Introduced(Fact, frozen=True, tag=8):
    """A visitor said who they are; the record has it. Topic: the workspace's."""

    workspace: WorkspaceId
    conversation: ConversationId


AnyFact = MessageStored | Typed | Marked | Changed | Came | SignedOut | Said | Introduced

EVERYBODY = "all"

_encoder = msgspec.msgpack.Encoder(uuid_format="bytes")
_decoder: msgspec.msgpack.Decoder[AnyFact] = msgspec.msgpack.Decoder(AnyFact)


def conversation_topic(conversation: UUID) -> str:
    """Where a conversation's facts are published. Braced like its keys, so that a Cluster keeps them together."""
    return f"c:{{{conversation}}}"


def workspace_topic(workspace: UUID) -> str:
    """Where the queue's facts are published."""
    return f"w:{{{workspace}}}"


def presence_topic(workspace: UUID) -> str:
    """Where agents' comings and goings are published."""
    return f"p:{{{workspace}}}"


def encode_fact(fact: AnyFact) -> bytes:
    """The fact's bytes."""
    return _encoder.encode(fact)


def decode_fact(data: bytes) -> AnyFact:
    """The fact in ``data``. Raises ValueError for anything else, such as another version's."""
    return _decoder.decode(data)
