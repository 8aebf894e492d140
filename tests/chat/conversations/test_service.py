"""Conversations begin, are claimed and end exactly once, on the real stores."""

from __future__ import annotations

import asyncio
from pathlib import Path
from uuid import UUID

import pytest
from msgspec.structs import replace

from chat.conversations.service import ConversationService
from chat.errors import Forbidden, NotFound, Unavailable
from chat.ids import AccountId, ConversationId, VisitorId, next_conversation
from chat.model import AccountRole, Actor, Conversation, Kind, Refusal, Role, State
from chat.protocol.catalogue import ENDED, TAKEN, UNAVAILABLE
from chat.protocol.facts import Changed, MessageStored, conversation_topic, workspace_topic
from tests.chat.house import House, mongodb_away, redis_away

pytestmark = pytest.mark.stores


def done(outcome: Conversation | Refusal) -> Conversation:
    """The conversation; fails when it was refused."""
    assert isinstance(outcome, Conversation), outcome
    return outcome


async def facts(house: House, conversation: Conversation) -> list[tuple[int, Kind, Role, str]]:
    """What the record tells, in order."""
    return [(int(each.seq), each.kind, each.role, each.body) for each in await house.record(conversation)]


# --- begin -----------------------------------------------------------------------------------------------------------


async def test_a_visitor_s_first_conversation_has_an_id_before_it_exists(house: House) -> None:
    conversation, record = await house.service.current(house.visitor)
    assert record is None
    assert conversation == next_conversation(VisitorId(house.visitor.id or house.workspace), None)
    begun = await house.service.begin(house.visitor, conversation, b"details")
    assert (begun.state, begun.revision, begun.agent, begun.details) == (State.WAITING, 1, None, b"details")
    assert begun.opened_at == house.clock.now_ms()
    assert await house.service.current(house.visitor) == (conversation, begun)


async def test_a_conversation_is_open_from_its_first_message_on_and_not_from_when_it_was_kept(house: House) -> None:
    conversation, _ = await house.service.current(house.visitor)
    received = house.clock.now_ms()
    house.clock.advance(0.25)
    begun = await house.service.begin(house.visitor, conversation, b"", at=received)
    assert begun.opened_at == received


async def test_two_tabs_that_begin_at_once_begin_the_same_conversation(house: House) -> None:
    conversation, _ = await house.service.current(house.visitor)
    tabs = await asyncio.gather(
        *(house.service.begin(house.visitor, conversation, tab) for tab in (b"one", b"two", b"three"))
    )
    assert tabs[0] == tabs[1] == tabs[2]
    assert await house.service.readable(house.visitor, conversation) == tabs[0]


async def test_nobody_begins_under_the_id_of_somebody_else_s_conversation(house: House) -> None:
    conversation = await house.begun()
    with pytest.raises(NotFound):
        await house.service.begin(house.a_visitor(), conversation.id, b"")
    assert await house.service.readable(house.visitor, conversation.id) == conversation


async def test_after_one_has_ended_the_next_begins(house: House) -> None:
    first = await house.begun()
    done(await house.service.end(house.visitor, first.id))
    conversation, record = await house.service.current(house.visitor)
    assert record is None
    assert conversation == next_conversation(first.visitor, first.id)
    house.clock.advance(1)
    second = await house.service.begin(house.visitor, conversation, b"")
    assert second.id != first.id
    assert await house.service.current(house.visitor) == (second.id, second)


async def test_the_open_conversation_is_found_though_a_gateway_s_clock_went_back(house: House) -> None:
    first = await house.begun()
    done(await house.service.end(house.visitor, first.id))
    house.clock.advance(-3600)
    following, _ = await house.service.current(house.visitor)
    second = await house.service.begin(house.visitor, following, b"")
    assert second.opened_at < first.opened_at
    assert await house.service.current(house.visitor) == (second.id, second)


async def test_what_a_crash_left_untold_is_told_by_whoever_comes_next(house: House, tmp_path: Path) -> None:
    agent, conversation = house.an_agent(), await house.begun()
    claimed = replace(
        conversation, state=State.ACTIVE, agent=AccountId(agent.id or UUID(int=0)), claimed_at=7, revision=2
    )
    assert await house.stores.conversations.save(claimed, expecting=1)
    for _ in range(2):
        await house.service.retell(claimed, "Ada")
    assert await facts(house, claimed) == [(1, Kind.JOINED, Role.AGENT, "Ada")]
    ended = replace(claimed, state=State.ENDED, ended_at=9, revision=3)
    assert await house.stores.conversations.save(ended, expecting=2)
    for _ in range(2):
        await house.service.retell(ended, "Ada")
    assert (await facts(house, ended))[1:] == [(2, Kind.ENDED, Role.SYSTEM, "")]


async def test_the_system_and_strangers_have_no_conversations(house: House) -> None:
    conversation = await house.begun()
    with pytest.raises(Forbidden):
        await house.service.current(Actor.system(house.workspace))
    for stranger in (house.a_visitor(), House(house.stores).an_agent(), House(house.stores).visitor):
        with pytest.raises(NotFound):
            await house.service.readable(stranger, conversation.id)
    with pytest.raises(NotFound):
        await house.service.readable(house.visitor, ConversationId(house.workspace))


# --- claim -----------------------------------------------------------------------------------------------------------


async def test_of_many_claims_at_once_exactly_one_wins_and_is_told_once(house: House) -> None:
    conversation = await house.begun()
    agents = [house.an_agent() for _ in range(5)]
    processes = [house.service_over(house.delivery) for _ in agents]
    outcomes = await asyncio.gather(
        *(
            process.claim(agent, conversation.id, f"agent {number}")
            for number, (process, agent) in enumerate(zip(processes, agents, strict=True))
        )
    )
    winners = [number for number, outcome in enumerate(outcomes) if isinstance(outcome, Conversation)]
    assert len(winners) == 1
    assert [outcome for outcome in outcomes if isinstance(outcome, Refusal)] == [TAKEN] * 4
    kept = await house.service.readable(house.visitor, conversation.id)
    assert (kept.state, kept.agent, kept.revision) == (State.ACTIVE, agents[winners[0]].id, 2)
    assert kept.claimed_at == house.clock.now_ms()
    assert await facts(house, kept) == [(1, Kind.JOINED, Role.AGENT, f"agent {winners[0]}")]
    assert (await house.record(kept))[0].author == agents[winners[0]].id


async def test_who_claimed_may_claim_again_and_nothing_happens_twice(house: House) -> None:
    conversation, agent = await house.begun(), house.an_agent()
    first = done(await house.service.claim(agent, conversation.id, "Ada"))
    house.clock.advance(60)
    assert done(await house.service.claim(agent, conversation.id, "Ada of the new name")) == first
    assert await facts(house, first) == [(1, Kind.JOINED, Role.AGENT, "Ada")]
    assert await house.service.claim(house.an_agent(AccountRole.OWNER), conversation.id, "Bob") is TAKEN


async def test_only_agents_of_the_workspace_claim_and_only_what_goes_on(house: House) -> None:
    conversation = await house.begun()
    for nobody in (house.visitor, Actor.system(house.workspace)):
        with pytest.raises(Forbidden):
            await house.service.claim(nobody, conversation.id, "Eve")
    with pytest.raises(NotFound):
        await house.service.claim(House(house.stores).an_agent(), conversation.id, "Eve")
    done(await house.service.end(house.visitor, conversation.id))
    assert await house.service.claim(house.an_agent(), conversation.id, "Ada") is ENDED
    kept = await house.service.readable(house.visitor, conversation.id)
    assert (kept.agent, kept.claimed_at) == (None, None)


async def test_a_claim_is_told_to_the_queue_and_to_the_visitor(house: House) -> None:
    conversation = await house.begun()
    topics = [workspace_topic(house.workspace), conversation_topic(conversation.id)]
    async with house.listening(topics) as gateway:
        claimed = done(await house.service.claim(house.an_agent(), conversation.id, "Ada"))
        heard = await gateway.hear(3)
    assert heard[:2] == [(topic, Changed(claimed)) for topic in topics]
    topic, fact = heard[2]
    assert isinstance(fact, MessageStored)
    assert (topic, fact.sealed.seq) == (topics[1], 1)


async def test_a_claim_that_could_not_be_told_is_told_by_its_retry(house: House, tmp_path: Path) -> None:
    conversation, agent = await house.begun(), house.an_agent()
    async with redis_away(tmp_path) as (numbers, bus):
        away = house.delivery_over(numbers=numbers, bus=bus)
        with pytest.raises(Unavailable):
            await house.service_over(away, bus).claim(agent, conversation.id, "Ada")
        assert await house.service_over(away).claim(agent, conversation.id, "Ada") is UNAVAILABLE
    kept = await house.service.readable(agent, conversation.id)
    assert await facts(house, kept) == []
    house.clock.advance(30)
    done(await house.service.claim(agent, conversation.id, "Ada"))
    assert await facts(house, kept) == [(1, Kind.JOINED, Role.AGENT, "Ada")]
    assert (await house.record(kept))[0].at == kept.claimed_at  # when it happened, not when it was told


# --- end -------------------------------------------------------------------------------------------------------------


async def test_both_may_end_it_at_once_and_it_ends_once(house: House) -> None:
    conversation, agent = await house.begun(), house.an_agent()
    done(await house.service.claim(agent, conversation.id, "Ada"))
    outcomes = await asyncio.gather(
        *(house.service_over(house.delivery).end(actor, conversation.id) for actor in (house.visitor, agent) * 2)
    )
    assert len({done(outcome).revision for outcome in outcomes}) == 1
    assert done(outcomes[0]).state is State.ENDED
    told = await facts(house, conversation)
    assert [(seq, kind) for seq, kind, _, _ in told] == [(1, Kind.JOINED), (2, Kind.ENDED)]


async def test_ending_again_later_changes_nothing(house: House) -> None:
    conversation = await house.begun()
    first = done(await house.service.end(house.visitor, conversation.id))
    house.clock.advance(60)
    for actor in (house.visitor, Actor.system(house.workspace)):
        assert done(await house.service.end(actor, conversation.id)) == first
    assert [kind for _, kind, _, _ in await facts(house, conversation)] == [Kind.ENDED]


async def test_only_who_writes_in_it_and_the_system_end_it(house: House) -> None:
    conversation, agent = await house.begun(), house.an_agent()
    done(await house.service.claim(agent, conversation.id, "Ada"))
    with pytest.raises(Forbidden):
        await house.service.end(house.an_agent(AccountRole.OWNER), conversation.id)
    with pytest.raises(NotFound):
        await house.service.end(house.a_visitor(), conversation.id)
    with pytest.raises(NotFound):
        await house.service.end(Actor.system(House(house.stores).workspace), conversation.id)
    assert (await house.service.readable(agent, conversation.id)).state is State.ACTIVE
    ended = done(await house.service.end(Actor.system(house.workspace), conversation.id))
    assert (ended.state, ended.ended_at, ended.agent) == (State.ENDED, house.clock.now_ms(), agent.id)


async def test_a_claim_and_an_end_at_once_leave_one_story(house: House) -> None:
    conversation, agent = await house.begun(), house.an_agent()
    claimed, ended = await asyncio.gather(
        house.service.claim(agent, conversation.id, "Ada"), house.service.end(house.visitor, conversation.id)
    )
    assert done(ended).state is State.ENDED
    kinds = [kind for _, kind, _, _ in await facts(house, conversation)]
    assert kinds in ([Kind.ENDED], [Kind.JOINED, Kind.ENDED])
    assert (Kind.JOINED in kinds) == isinstance(claimed, Conversation)
    assert await house.say(conversation, "too late") is ENDED


async def test_an_end_that_could_not_be_told_is_told_by_its_retry(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.mongo.client._FIND_SERVER_MS", 100)
    conversation = await house.begun()
    async with mongodb_away(tmp_path) as messages:
        away = house.delivery_over(messages=messages)
        assert await house.service_over(away).end(house.visitor, conversation.id) is UNAVAILABLE
    assert await house.say(conversation, "too late") is ENDED
    done(await house.service.end(house.visitor, conversation.id))
    assert await facts(house, conversation) == [(1, Kind.ENDED, Role.VISITOR, "")]


class Restless:
    """A record that somebody else has always changed a moment ago."""

    def __init__(self, house: House) -> None:
        self.get = house.stores.conversations.get
        self.tries = 0

    async def save(self, _: Conversation, *, expecting: int) -> bool:
        self.tries += 1
        return expecting < 0


async def test_a_record_that_never_stands_still_is_given_up(house: House) -> None:
    conversation, restless = await house.begun(), Restless(house)
    service = ConversationService(restless, house.delivery, house.stores.bus, house.clock)  # type: ignore[arg-type]
    with pytest.raises(Unavailable):
        await service.claim(house.an_agent(), conversation.id, "Ada")
    with pytest.raises(Unavailable):
        await service.end(house.visitor, conversation.id)
    assert 2 < restless.tries <= 20
    assert await facts(house, conversation) == []
