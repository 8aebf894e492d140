"""The values that rules speak about. All frozen; the types of a message say how far it has come.

``Draft → Admitted → Numbered → Sealed → Stored``: each step takes only what the one before returns.
Times (``at``, ``…_at``) are Unix milliseconds. Sealed fields are blobs of ``chat.sealing.envelope``.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct, field

from chat.ids import (
    AccountId,
    ClientId,
    ConversationId,
    Epoch,
    Seq,
    SiteId,
    SubjectId,
    VisitorId,
    WorkspaceId,
)
from chat.protocol.catalogue import Refusal as Refusal
from chat.protocol.frames import Conduct as Conduct
from chat.protocol.frames import Kind as Kind
from chat.protocol.frames import MessageView as MessageView
from chat.protocol.frames import Page as Page
from chat.protocol.frames import Role as Role
from chat.protocol.frames import State as State
from chat.protocol.values import Number


class AccountRole(StrEnum):
    """What an account is in its workspace."""

    OWNER = "owner"
    ADMIN = "admin"
    AGENT = "agent"


class Actor(Struct, frozen=True):
    """Whoever is asking: first argument of every service call. ``id`` is nil for the system."""

    workspace: WorkspaceId
    role: Role
    id: UUID | None
    site: SiteId | None = None
    """Where a visitor came from."""
    account_role: AccountRole | None = None
    """What an agent is in the workspace."""

    @classmethod
    def visitor(cls, workspace: WorkspaceId, site: SiteId, visitor: VisitorId) -> Actor:
        """A visitor who came by this site of the workspace."""
        return cls(workspace, Role.VISITOR, visitor, site=site)

    @classmethod
    def agent(cls, workspace: WorkspaceId, account: AccountId, role: AccountRole) -> Actor:
        """Somebody who works in the workspace, whatever their role in it."""
        return cls(workspace, Role.AGENT, account, account_role=role)

    @classmethod
    def system(cls, workspace: WorkspaceId) -> Actor:
        """Aican itself, acting for one workspace: commands, jobs, bearer tokens."""
        return cls(workspace, Role.SYSTEM, None)


# --- a message's way -------------------------------------------------------------------------------------------------


class Draft(Struct, frozen=True):
    """What somebody wants to say. ``repr`` hides the text, so that no log repeats it."""

    author: Actor
    conversation: ConversationId
    client_id: ClientId
    kind: Kind
    text: str
    at: int
    """When it was received."""

    def __repr__(self) -> str:
        return f"Draft({self.client_id}, {len(self.text)} characters)"


class Admitted(Struct, frozen=True):
    """A draft that inspection let through. ``reasons`` is not empty when it is delivered flagged."""

    draft: Draft
    reasons: tuple[str, ...] = ()


class Numbered(Struct, frozen=True):
    """An admitted draft with its place in the conversation: 1 or more, one above the message before it."""

    admitted: Admitted
    seq: Seq


class Sealed(Struct, frozen=True):
    """A message as stores and the bus see it. The blob holds who, what kind and which text; see ``chat.sealing``.

    ``seq`` is 1 or more, ``revision`` 0 for what was sent first; both are bound into the seal, as are the ids.
    """

    workspace: WorkspaceId
    conversation: ConversationId
    seq: Seq
    revision: int
    client_id: ClientId
    at: int
    blob: bytes


class Stored(Struct, frozen=True):
    """A sealed message in the record's journal. ``first`` is false when this client id had been stored before."""

    sealed: Sealed
    first: bool = True


# --- conversations ---------------------------------------------------------------------------------------------------

Moment = Annotated[int, Meta(ge=0, le=253_402_300_799_999)]
"""Unix milliseconds up to the last of the year 9999: what can be written as a date."""


class Conversation(Struct, frozen=True):
    """A conversation's record. ``details`` is sealed under the visitor's key; texts are in messages, not here.

    ``revision`` is 1 at first and one more with every change of state: what a compare-and-set expects.
    """

    id: ConversationId
    workspace: WorkspaceId
    site: SiteId
    visitor: VisitorId
    state: State
    revision: Number
    agent: AccountId | None
    opened_at: Moment
    claimed_at: Moment | None
    ended_at: Moment | None
    epoch: Annotated[Epoch, Meta(ge=0, le=65_535)]
    details: bytes
    """The sealed ``Page`` and device of the visitor when the conversation began."""
    damaged: tuple[str, ...] = ()
    """Fields that the record held no possible value of: what stands here is a stand-in. Not stored itself."""


class VisitorProfile(Struct, frozen=True):
    """What a visitor said of themselves; both sealed under the visitor's key, empty bytes when unknown."""

    visitor: VisitorId
    workspace: WorkspaceId
    name: bytes = b""
    email: bytes = b""


class ReadMarks(Struct, frozen=True):
    """How far a side of a conversation has come: the highest numbers it received and read, 0 for none."""

    role: Role
    received: Seq
    read: Seq


# --- the business ----------------------------------------------------------------------------------------------------


class Workspace(Struct, frozen=True):
    """A business on this install."""

    id: WorkspaceId
    name: str
    created_at: int


class Site(Struct, frozen=True):
    """Where a workspace's widget may be embedded. ``origins`` are exact: scheme, host and port."""

    id: SiteId
    workspace: WorkspaceId
    name: str
    origins: tuple[str, ...]
    greeting: str
    """The business's own words, for readers of every language. Empty: Aican's, in the reader's language."""
    policy_url: str
    policy_version: str
    created_at: int
    greeting_zh: str = ""
    """What Chinese readers are greeted with. Empty: with ``greeting``; empty as well: as Aican does by itself."""
    damaged: tuple[str, ...] = ()
    """As in ``Conversation``."""


class Account(Struct, frozen=True):
    """Somebody who works in a workspace. Name and address are sealed under the account's own key."""

    id: AccountId
    workspace: WorkspaceId
    role: AccountRole
    name: bytes
    email: bytes
    email_index: bytes
    """Keyed blind index of the normalised address: exact look-up without keeping it."""
    password_hash: str
    created_at: int
    disabled_at: int | None = None

    @property
    def subject(self) -> SubjectId:
        """The person in privacy law whose key seals this account's fields."""
        return SubjectId(self.id)


class Invitation(Struct, frozen=True):
    """A one-time link that lets its holder set up an account. Only the token's SHA-256 (32 bytes) is kept."""

    token_hash: bytes
    workspace: WorkspaceId
    role: AccountRole
    expires_at: int
    email: bytes = b""
    """Sealed under the invited account's key (see ``account``); empty when whoever opens the link says it."""
    account: AccountId | None = None


class SignIn(Struct, frozen=True):
    """A browser's logged-in state, kept on the server. The cookie holds a 256-bit secret; the key is its SHA-256."""

    id: str
    """First 16 bytes of the secret's SHA-256, hexadecimal: names the sign-in, opens nothing."""
    account: AccountId
    workspace: WorkspaceId
    role: AccountRole
    created_at: int
    used_at: int


class ApiToken(Struct, frozen=True):
    """A bearer token for the export endpoint. Only its SHA-256 (32 bytes) is kept. Without an end it never expires."""

    token_hash: bytes
    workspace: WorkspaceId
    name: str
    created_at: int
    expires_at: int | None = None
    scopes: tuple[str, ...] = field(default=("transcripts:read",))
