"""What gateways tell each other comes over the bus as it was said, or is refused whole."""

from __future__ import annotations

from typing import get_args
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.ids import AccountId, ClientId, ConversationId, Epoch, Seq, SiteId, VisitorId, WorkspaceId
from chat.model import Conversation, Role, Sealed, State
from chat.protocol import facts
from chat.protocol.facts import AnyFact, decode_fact, encode_fact

WORKSPACE = WorkspaceId(UUID(int=1))
CONVERSATION = ConversationId(UUID(int=2))
ACCOUNT = AccountId(UUID(int=3))
RECORD = Conversation(
    id=CONVERSATION,
    workspace=WORKSPACE,
    site=SiteId("demo"),
    visitor=VisitorId(UUID(int=4)),
    state=State.ACTIVE,
    revision=2,
    agent=ACCOUNT,
    opened_at=1,
    claimed_at=2,
    ended_at=None,
    epoch=Epoch(0),
    details=b"\x00\xff",
)
EACH: tuple[AnyFact, ...] = (
    facts.MessageStored(Sealed(WORKSPACE, CONVERSATION, Seq(7), 0, ClientId(UUID(int=5)), 1, b"\x01\xff")),
    facts.Typed(CONVERSATION, Role.AGENT, ACCOUNT, True),
    facts.Marked(CONVERSATION, Role.VISITOR, 7, 5),
    facts.Changed(RECORD),
    facts.Came(WORKSPACE, ACCOUNT),
    facts.SignedOut(ACCOUNT, ""),
    facts.Said(bytes(8), [facts.Utterance(WORKSPACE, bytes(8), CONVERSATION)]),
    facts.Introduced(WORKSPACE, CONVERSATION),
)


def test_every_kind_of_fact_is_tried_here() -> None:
    assert {type(fact) for fact in EACH} == set(get_args(AnyFact))


@pytest.mark.parametrize("fact", EACH, ids=lambda fact: type(fact).__name__)
def test_a_fact_arrives_as_it_was_told(fact: AnyFact) -> None:
    assert decode_fact(encode_fact(fact)) == fact


@pytest.mark.parametrize("fact", EACH, ids=lambda fact: type(fact).__name__)
def test_a_fact_cut_short_is_refused(fact: AnyFact) -> None:
    data = encode_fact(fact)
    for end in range(len(data)):
        with pytest.raises(ValueError, match=r".+"):
            decode_fact(data[:end])


def test_a_later_version_s_fact_is_refused() -> None:
    with pytest.raises(ValueError, match="Invalid value 99"):
        decode_fact(msgspec.msgpack.encode([99, 1]))


@given(data=st.binary(max_size=200))
def test_anything_else_is_a_fact_or_refused(data: bytes) -> None:
    try:
        assert isinstance(decode_fact(data), facts.Fact)
    except ValueError:
        return


def test_no_two_topics_are_the_same() -> None:
    topics = {facts.conversation_topic(CONVERSATION), facts.workspace_topic(CONVERSATION)}
    topics |= {facts.presence_topic(CONVERSATION), facts.conversation_topic(WORKSPACE), facts.EVERYBODY}
    assert len(topics) == 5
