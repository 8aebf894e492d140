"""Values that must not say too much, and failures that must say enough."""

from __future__ import annotations

from uuid import UUID

import pytest

from chat.errors import Invalid, OperatorError
from chat.ids import AccountId, ClientId, ConversationId, Seq, SiteId, SubjectId, VisitorId, WorkspaceId
from chat.model import Account, AccountRole, Actor, Admitted, Draft, Kind, Numbered, Role

WORKSPACE = WorkspaceId(UUID(int=1))
SECRET = "my card is 4111 1111 1111 1111"
DRAFT = Draft(
    Actor.visitor(WORKSPACE, SiteId("demo"), VisitorId(UUID(int=2))),
    ConversationId(UUID(int=3)),
    ClientId(UUID(int=4)),
    Kind.TEXT,
    SECRET,
    5,
)


@pytest.mark.parametrize("value", [DRAFT, Admitted(DRAFT), Numbered(Admitted(DRAFT), Seq(1)), [DRAFT]])
def test_no_log_of_a_draft_repeats_its_text(value: object) -> None:
    for shown in (repr(value), str(value), f"{value}"):
        assert "4111" not in shown
        assert str(DRAFT.client_id) in shown


def test_a_draft_cannot_be_changed_on_its_way() -> None:
    with pytest.raises(AttributeError):
        DRAFT.text = "something else"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        DRAFT.author.role = Role.AGENT  # type: ignore[misc]


def test_actors_say_who_they_are() -> None:
    agent = Actor.agent(WORKSPACE, AccountId(UUID(int=6)), AccountRole.ADMIN)
    assert (agent.role, agent.id, agent.site, agent.account_role) == (Role.AGENT, UUID(int=6), None, AccountRole.ADMIN)
    visitor = DRAFT.author
    assert (visitor.role, visitor.id, visitor.site) == (Role.VISITOR, UUID(int=2), "demo")
    system = Actor.system(WORKSPACE)
    assert (system.role, system.id) == (Role.SYSTEM, None)


def test_an_account_is_the_owner_of_its_own_key() -> None:
    account = Account(AccountId(UUID(int=7)), WORKSPACE, AccountRole.AGENT, b"", b"", b"", "", 0)
    assert account.subject == SubjectId(UUID(int=7))


def test_what_an_operator_can_mend_comes_with_its_remedy() -> None:
    error = OperatorError("The port is taken.", "Choose another.")
    assert str(error) == "The port is taken. Choose another."
    assert (error.problem, error.remedy) == ("The port is taken.", "Choose another.")


def test_bad_input_is_named() -> None:
    error = Invalid("from", "a date such as 2026-01-31")
    assert (error.field, error.expected) == ("from", "a date such as 2026-01-31")
    assert str(error) == "from: a date such as 2026-01-31"
