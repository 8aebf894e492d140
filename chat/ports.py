"""Every door to the outside, with its promise. Adapters stand in ``storage/``; contract tests run on the real stores.

All calls raise ``Unavailable`` when the store behind them cannot be reached; none fails open.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Protocol

from msgspec import Struct

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
from chat.model import (
    Account,
    Admitted,
    ApiToken,
    Conversation,
    Invitation,
    Numbered,
    ReadMarks,
    Sealed,
    SignIn,
    Site,
    Stored,
    VisitorProfile,
    Workspace,
)


class Rate(Struct, frozen=True):
    """A budget: ``burst`` at once, then one each ``period_ms``. A period of 0 means no limit."""

    period_ms: int
    burst: int


class Limited(Struct, frozen=True):
    """Over budget: nothing was taken. The same message fits after ``retry_after_ms``."""

    retry_after_ms: int


class HasEnded(Struct, frozen=True):
    """The conversation has ended; no number is given in it any more."""


class Numbers(Protocol):
    """Places messages in their conversations, one atomic step each; the store's clock counts for budgets."""

    async def number(
        self, message: Admitted, *, author: Rate, conversation: Rate, floor: Seq, again: bool = False
    ) -> Numbered | Limited | HasEnded:
        """A known client id gives its old number, over budget Limited, else one more than the highest of the
        counter and ``floor``. ``again`` forgets the old number: it was taken by another message.
        A message of kind ENDED ends the numbering with its own number.
        """
        ...

    async def tops(self, conversations: Sequence[ConversationId]) -> list[Seq | None]:
        """The highest number given in each, None where the store remembers nothing. One trip."""
        ...

    async def resume(self, conversation: ConversationId, *, highest: Seq, ended: bool) -> None:
        """Tell a store that lost its memory where the record stands. Never lowers a counter."""
        ...


class Messages(Protocol):
    """The record, sealed. Contiguous by number within a conversation."""

    async def append(self, message: Sealed) -> Stored:
        """Returns once journaled. A known client id returns the first Stored with ``first`` false;
        a number taken by another client id raises SeqTaken."""
        ...

    async def find(self, conversation: ConversationId, client_id: ClientId) -> Sealed | None:
        """The message with this client id, if it is in the record."""
        ...

    async def highest(self, conversation: ConversationId) -> Seq:
        """The highest stored number, 0 for none."""
        ...

    async def after(self, conversation: ConversationId, seq: Seq, *, limit: int) -> list[Sealed]:
        """Messages above ``seq`` in order, ``limit`` at most."""
        ...

    async def before(self, conversation: ConversationId, seq: Seq, *, limit: int) -> list[Sealed]:
        """The last ``limit`` messages below ``seq``, in order."""
        ...

    async def latest(self, conversations: Sequence[ConversationId]) -> dict[ConversationId, Sealed]:
        """The highest message of each conversation that has one."""
        ...

    def all(self, conversation: ConversationId) -> AsyncIterator[Sealed]:
        """Every message in order, streamed in constant memory."""
        ...


class Conversations(Protocol):
    """Conversations' states. Changes are compare-and-set on one document: of two at once exactly one is True."""

    async def create(self, conversation: Conversation) -> Conversation:
        """Store it, or return the one that already has this id."""
        ...

    async def get(self, conversation: ConversationId) -> Conversation | None: ...

    async def save(self, conversation: Conversation, *, expecting: int) -> bool:
        """Replace it if its revision still is ``expecting``."""
        ...

    async def last_of(self, workspace: WorkspaceId, visitor: VisitorId) -> Conversation | None:
        """The visitor's conversation that was opened last."""
        ...

    async def open_ones(self, workspace: WorkspaceId, *, limit: int) -> list[Conversation]:
        """Waiting and active ones, oldest first. Of more than ``limit``, half are the oldest and half the newest."""
        ...

    async def ended_ones(self, workspace: WorkspaceId, *, limit: int) -> list[Conversation]:
        """Those that ended last, newest first."""
        ...

    async def idle_since(self, at: int, *, limit: int) -> list[Conversation]:
        """Open ones of all workspaces that were opened before ``at``; whether they are idle their messages tell."""
        ...

    def opened_between(
        self, workspace: WorkspaceId, *, site: SiteId | None, start: int | None, end: int | None
    ) -> AsyncIterator[Conversation]:
        """In order of opening, start inclusive, end exclusive (Unix milliseconds), streamed."""
        ...


class Visitors(Protocol):
    """What visitors said of themselves, sealed."""

    async def get(self, visitor: VisitorId) -> VisitorProfile | None: ...

    async def many(self, visitors: Sequence[VisitorId]) -> dict[VisitorId, VisitorProfile]: ...

    async def save(self, profile: VisitorProfile) -> None: ...


class Bus(Protocol):
    """Carries facts between gateways; texts only sealed. At most once, no memory, may lose in silence."""

    async def publish(self, topic: str, fact: bytes) -> None: ...

    async def subscribe(self, topics: Iterable[str]) -> None:
        """Returns when the server confirmed: what is published afterwards arrives."""
        ...

    async def unsubscribe(self, topics: Iterable[str]) -> None: ...

    def facts(self) -> AsyncIterator[tuple[str, bytes] | None]:
        """What arrives, with its topic. None: the connection was lost and is back; anything may have been missed."""
        ...


class KeyRing(Protocol):
    """Wraps and unwraps workspace keys; its own secret never leaves (a file, or a KMS)."""

    def wrap(self, key: bytes, *, bound: bytes) -> bytes: ...

    def unwrap(self, wrapped: bytes, *, bound: bytes) -> bytes:
        """Raises Tampered when ``bound`` differs or the ring lacks the key it names."""
        ...

    def derive(self, purpose: str) -> bytes:
        """32 bytes for a purpose of the whole install, such as signing visitor tokens. The same on every machine."""
        ...


class WrappedKeys(Protocol):
    """Wrapped keys of workspaces, persons and conversation epochs."""

    async def workspace(self, workspace: WorkspaceId) -> bytes | None: ...

    async def person(self, subject: SubjectId) -> bytes | None: ...

    async def conversation(self, conversation: ConversationId, epoch: Epoch) -> bytes | None: ...

    async def add_workspace(self, workspace: WorkspaceId, wrapped: bytes) -> bytes:
        """Keep it unless there is one; returns the one that is kept. So also the two below."""
        ...

    async def add_person(self, workspace: WorkspaceId, subject: SubjectId, wrapped: bytes) -> bytes: ...

    async def add_conversation(
        self, subject: SubjectId, conversation: ConversationId, epoch: Epoch, wrapped: bytes
    ) -> bytes: ...


class MarkBoard(Protocol):
    """The highest received and read marks of both sides; forgotten a week after the last."""

    async def raise_to(self, conversation: ConversationId, marks: ReadMarks) -> None: ...

    async def of(self, conversation: ConversationId) -> list[ReadMarks]: ...


class Presence(Protocol):
    """Who is online. An entry per connection, gone unless touched within its time to live; merged by account."""

    async def touch(self, workspace: WorkspaceId, account: AccountId, connection: str, *, available: bool) -> None: ...

    async def leave(self, workspace: WorkspaceId, account: AccountId, connection: str) -> None: ...

    async def online(self, workspace: WorkspaceId) -> dict[AccountId, bool]:
        """Accounts with a live connection, and whether they take conversations."""
        ...


class Workspaces(Protocol):
    """Businesses on this install."""

    async def get(self, workspace: WorkspaceId) -> Workspace | None: ...

    async def first(self) -> Workspace | None:
        """The one that was created first: commands without a named workspace mean it."""
        ...

    async def add(self, workspace: Workspace) -> None: ...


class Sites(Protocol):
    """Where widgets may be embedded."""

    async def get(self, site: SiteId) -> Site | None: ...

    async def of(self, workspace: WorkspaceId) -> list[Site]:
        """In order of creation."""
        ...

    async def add(self, site: Site) -> None: ...

    async def save(self, site: Site) -> None: ...


class Accounts(Protocol):
    """People who work in a workspace."""

    async def add(self, account: Account) -> bool:
        """False when the address is taken."""
        ...

    async def get(self, account: AccountId) -> Account | None: ...

    async def by_email(self, email_index: bytes) -> Account | None: ...

    async def of(self, workspace: WorkspaceId) -> list[Account]: ...

    async def save(self, account: Account) -> None: ...


class Invitations(Protocol):
    """One-time links."""

    async def add(self, invitation: Invitation) -> None: ...

    async def get(self, token_hash: bytes, *, now: int) -> Invitation | None:
        """None when used, expired or unknown."""
        ...

    async def use(self, token_hash: bytes, *, now: int) -> Invitation | None:
        """Take it: of two at once exactly one gets it."""
        ...

    async def withdraw(self, workspace: WorkspaceId, role: str) -> None:
        """Delete the unused ones of this role."""
        ...

    async def expire(self, *, now: int) -> int:
        """Delete those that ran out; how many."""
        ...


class ApiTokens(Protocol):
    """Bearer tokens, by hash."""

    async def add(self, token: ApiToken) -> None: ...

    async def get(self, token_hash: bytes, *, now: int) -> ApiToken | None: ...

    async def expire(self, *, now: int) -> int: ...


class SignIns(Protocol):
    """Server-side sign-ins: 12 hours at most, 30 minutes without use."""

    async def add(self, secret_hash: bytes, sign_in: SignIn) -> None: ...

    async def use(self, secret_hash: bytes, *, now: int) -> SignIn | None:
        """The live sign-in, its idle time started anew; None when ended or expired."""
        ...

    async def keep(self, sign_in_id: str, *, now: int) -> SignIn | None:
        """As ``use``, by the sign-in's name: for somebody whose console is open though no page is asked for."""
        ...

    async def is_live(self, account: AccountId, sign_in: str) -> bool: ...

    async def end(self, secret_hash: bytes) -> None: ...

    async def end_all(self, account: AccountId) -> None: ...


class Tickets(Protocol):
    """One-time secrets that let a signed-in browser open a WebSocket, good for 30 seconds."""

    async def add(self, ticket_hash: bytes, sign_in: SignIn) -> None: ...

    async def take(self, ticket_hash: bytes) -> SignIn | None:
        """The sign-in it was made for, once."""
        ...


class Budgets(Protocol):
    """Shared budgets for all but messages: sign-in tries, connections."""

    async def take(self, key: str, rate: Rate) -> Limited | None:
        """Spend one atomically, or say when. ``key`` carries no personal data: hash what would."""
        ...
