"""A conversation and a message in it, to seal."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from chat.ids import AccountId, ClientId, ConversationId, Epoch, Seq, SiteId, SubjectId, VisitorId, WorkspaceId
from chat.model import AccountRole, Actor, Admitted, Conversation, Draft, Kind, Numbered, State

WORKSPACE = WorkspaceId(UUID(int=1))
OTHER_WORKSPACE = WorkspaceId(UUID(int=11))
VISITOR = VisitorId(UUID(int=4))
SUBJECT = SubjectId(VISITOR)
ADA = AccountId(UUID(int=3))
CONVERSATION = Conversation(
    id=ConversationId(UUID(int=2)),
    workspace=WORKSPACE,
    site=SiteId("demo"),
    visitor=VISITOR,
    state=State.ACTIVE,
    revision=2,
    agent=ADA,
    opened_at=1,
    claimed_at=2,
    ended_at=None,
    epoch=Epoch(0),
    details=b"",
)
SAYS_VISITOR = Actor.visitor(WORKSPACE, SiteId("demo"), VISITOR)
SAYS_ADA = Actor.agent(WORKSPACE, ADA, AccountRole.AGENT)
SAYS_SYSTEM = Actor.system(WORKSPACE)
TEXT = "您好, hello"


def numbered(text: str = TEXT, *, seq: int = 7, author: Actor = SAYS_VISITOR, **changes: Any) -> Numbered:
    """A message with its number."""
    fields: dict[str, Any] = {
        "author": author,
        "conversation": CONVERSATION.id,
        "client_id": ClientId(UUID(int=5)),
        "kind": Kind.TEXT,
        "text": text,
        "at": 1_767_225_600_000,
    }
    return Numbered(Admitted(Draft(**{**fields, **changes})), Seq(seq))
