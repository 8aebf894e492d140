"""Who may read, write in and end a conversation; and how its facts are named."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from chat.conversations.service import fact_id, may_end, may_post, may_read
from chat.ids import AccountId, ConversationId, SiteId, VisitorId, WorkspaceId
from chat.model import AccountRole, Actor, Conversation, Kind, State
from tests.chat.sealing.values import ADA, CONVERSATION, OTHER_WORKSPACE, VISITOR, WORKSPACE

DEMO = SiteId("demo")
BOB = AccountId(UUID(int=33))

ACTORS: dict[str, tuple[Actor, bool, bool, bool]] = {
    # who: (actor, may read, may post, may end) in a conversation that Ada claimed
    "its visitor": (Actor.visitor(WORKSPACE, DEMO, VISITOR), True, True, True),
    "its visitor on another site": (Actor.visitor(WORKSPACE, SiteId("other"), VISITOR), True, True, True),
    "another visitor": (Actor.visitor(WORKSPACE, DEMO, VisitorId(UUID(int=44))), False, False, False),
    "a visitor with its id elsewhere": (Actor.visitor(OTHER_WORKSPACE, DEMO, VISITOR), False, False, False),
    "a visitor with the agent's id": (Actor.visitor(WORKSPACE, DEMO, VisitorId(ADA)), False, False, False),
    "who claimed it": (Actor.agent(WORKSPACE, ADA, AccountRole.AGENT), True, True, True),
    "a colleague": (Actor.agent(WORKSPACE, BOB, AccountRole.AGENT), True, False, False),
    "an admin": (Actor.agent(WORKSPACE, BOB, AccountRole.ADMIN), True, False, False),
    "the owner": (Actor.agent(WORKSPACE, BOB, AccountRole.OWNER), True, False, False),
    "an agent with its id": (Actor.agent(WORKSPACE, AccountId(VISITOR), AccountRole.AGENT), True, False, False),
    "who claimed it, elsewhere": (Actor.agent(OTHER_WORKSPACE, ADA, AccountRole.OWNER), False, False, False),
    "an agent elsewhere": (Actor.agent(OTHER_WORKSPACE, BOB, AccountRole.AGENT), False, False, False),
    "the system": (Actor.system(WORKSPACE), True, False, True),
}  # fmt: skip


@pytest.mark.parametrize(("actor", "reads", "posts", "ends"), ACTORS.values(), ids=list(ACTORS))
@pytest.mark.parametrize("state", [State.ACTIVE, State.ENDED])
def test_who_may_do_what_in_a_claimed_conversation(
    actor: Actor, reads: bool, posts: bool, ends: bool, state: State
) -> None:
    conversation = structs.replace(CONVERSATION, state=state)
    assert (may_read(actor, conversation), may_post(actor, conversation), may_end(actor, conversation)) == (
        reads,
        posts,
        ends,
    )


@pytest.mark.parametrize(("actor", "reads", "posts", "_"), ACTORS.values(), ids=list(ACTORS))
def test_nobody_who_works_here_writes_before_it_is_claimed(actor: Actor, reads: bool, posts: bool, _: bool) -> None:
    waiting = structs.replace(CONVERSATION, state=State.WAITING, agent=None)
    assert may_read(actor, waiting) == reads
    assert may_post(actor, waiting) == (posts and actor.id == VISITOR)


def test_the_system_of_another_workspace_has_no_part_in_it() -> None:
    system = Actor.system(OTHER_WORKSPACE)
    assert not may_read(system, CONVERSATION)
    assert not may_post(system, CONVERSATION)


ids = st.uuids().map(WorkspaceId)


@given(mine=ids, theirs=ids, who=st.uuids())
def test_what_other_workspaces_hold_is_never_readable(mine: WorkspaceId, theirs: WorkspaceId, who: UUID) -> None:
    conversation: Conversation = structs.replace(
        CONVERSATION, workspace=theirs, visitor=VisitorId(who), agent=AccountId(who)
    )
    for actor in (
        Actor.visitor(mine, DEMO, VisitorId(who)),
        Actor.agent(mine, AccountId(who), AccountRole.OWNER),
        Actor.system(mine),
    ):
        assert may_read(actor, conversation) == (mine == theirs)
        assert not may_post(actor, conversation) or may_read(actor, conversation)


def test_a_fact_s_client_id_follows_from_the_fact() -> None:
    other = ConversationId(UUID(int=9))
    kinds = (Kind.JOINED, Kind.ENDED)
    names = {fact_id(conversation, kind) for conversation in (CONVERSATION.id, other) for kind in kinds}
    assert len(names) == 4
    assert fact_id(CONVERSATION.id, Kind.ENDED) in names
    assert {name.version for name in names} == {8}  # senders' own are of version 7, see Post


def test_the_known_answer_of_a_fact_s_client_id() -> None:
    """Kept in records: under another rule a retry would tell the same fact twice."""
    assert fact_id(ConversationId(UUID(int=2)), Kind.ENDED) == UUID("4dea2188-4e77-88eb-a79d-48c728080a6c")
