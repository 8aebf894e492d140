"""Values for tests, made of random ids; what a test is about it says itself."""

from __future__ import annotations

import secrets
from uuid import UUID, uuid4

from msgspec.structs import replace

from chat.ids import AccountId, ClientId, ConversationId, Epoch, Seq, SiteId, VisitorId, WorkspaceId
from chat.model import (
    Account,
    AccountRole,
    Actor,
    Admitted,
    Conversation,
    Draft,
    Kind,
    Sealed,
    SignIn,
    State,
)
from chat.ports import Rate

WORKSPACE = WorkspaceId(UUID(int=1))
UNLIMITED = Rate(period_ms=0, burst=1)
NOW = 1_790_000_000_000


def sealed(
    conversation: UUID,
    seq: int,
    *,
    client_id: UUID | None = None,
    blob: bytes | None = None,
    workspace: UUID = WORKSPACE,
) -> Sealed:
    return Sealed(
        workspace=WorkspaceId(workspace),
        conversation=ConversationId(conversation),
        seq=Seq(seq),
        revision=0,
        client_id=ClientId(client_id or uuid4()),
        at=NOW + seq,
        blob=secrets.token_bytes(64) if blob is None else blob,
    )


def renumbered(message: Sealed, seq: int) -> Sealed:
    return replace(message, seq=Seq(seq))


def admitted(
    conversation: UUID, *, client_id: UUID | None = None, kind: Kind = Kind.TEXT, author: Actor | None = None
) -> Admitted:
    actor = author or Actor.visitor(WORKSPACE, SiteId("site"), VisitorId(UUID(int=2)))
    return Admitted(Draft(actor, ConversationId(conversation), ClientId(client_id or uuid4()), kind, "a text", NOW))


def conversation(
    *,
    id: UUID | None = None,  # noqa: A002  the value's own word
    workspace: UUID = WORKSPACE,
    site: str = "site",
    visitor: UUID | None = None,
    state: State = State.WAITING,
    opened_at: int = NOW,
    ended_at: int | None = None,
) -> Conversation:
    return Conversation(
        id=ConversationId(id or uuid4()),
        workspace=WorkspaceId(workspace),
        site=SiteId(site),
        visitor=VisitorId(visitor or uuid4()),
        state=state,
        revision=0,
        agent=None,
        opened_at=opened_at,
        claimed_at=None,
        ended_at=ended_at,
        epoch=Epoch(0),
        details=b"\x00sealed\xff",
    )


def claimed(before: Conversation, agent: UUID) -> Conversation:
    return replace(before, state=State.ACTIVE, agent=AccountId(agent), claimed_at=NOW + 1, revision=before.revision + 1)


def account(*, workspace: UUID = WORKSPACE, email_index: bytes | None = None, created_at: int = NOW) -> Account:
    return Account(
        id=AccountId(uuid4()),
        workspace=WorkspaceId(workspace),
        role=AccountRole.AGENT,
        name=b"sealed name",
        email=b"sealed address",
        email_index=email_index or secrets.token_bytes(32),
        password_hash="$argon2id$not-a-real-one",
        created_at=created_at,
    )


def sign_in(secret_hash: bytes, *, account: UUID | None = None, at: int = NOW) -> SignIn:
    return SignIn(
        id=secret_hash[:16].hex(),
        account=AccountId(account or uuid4()),
        workspace=WORKSPACE,
        role=AccountRole.ADMIN,
        created_at=at,
        used_at=at,
    )
