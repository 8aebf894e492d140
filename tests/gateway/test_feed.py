"""Pub/sub may lose, double and overtake; what a conversation's followers are shown is whole, once, and in order."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, replace
from uuid import UUID, uuid4

import pytest

from chat.budgets.rates import CONVERSATION
from chat.errors import Unavailable
from chat.ids import ClientId, ConversationId, Seq, VisitorId
from chat.model import Actor, Admitted, Conversation, Draft, Kind, Numbered, Sealed
from chat.ports import Bus
from chat.protocol.catalogue import ENDED
from chat.protocol.facts import (
    Changed,
    MessageStored,
    conversation_topic,
    decode_fact,
    encode_fact,
    presence_topic,
    workspace_topic,
)
from chat.protocol.frames import Attendance, Availability, Claim, End, Introduce, Message, Presence, Snapshot, State
from gateway.client import NotCarriedOut
from gateway.socket import feed as feed_module
from gateway.socket import feeds as feeds_module
from gateway.socket import server, workplaces
from gateway.socket.agent import Agent
from gateway.socket.parts import Parts
from gateway.socket.party import Party
from tests.clock import ManualClock
from tests.gateway.ear import Ear
from tests.gateway.house import House, RunningGateway
from tests.gateway.raw import a_hello, a_peer
from tests.gateway.waiting import until

pytestmark = pytest.mark.stores

Item = tuple[str, bytes] | None
Fate = Callable[[Item], list[Item]]


class FatedBus:
    """A bus whose facts arrive as ``fate`` decides."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self.fate: Fate = lambda item: [item]
        self.publish = bus.publish
        self.subscribe = bus.subscribe
        self.unsubscribe = bus.unsubscribe
        self.ping = bus.ping

    async def facts(self) -> AsyncIterator[Item]:
        async for item in self._bus.facts():
            for fated in self.fate(item):
                yield fated


async def fated_gateway(house: House) -> tuple[RunningGateway, FatedBus]:
    buses: list[FatedBus] = []

    def change(parts: Parts) -> Parts:
        buses.append(FatedBus(parts.bus))
        return replace(parts, bus=buses[0])

    return await house.gateway(change=change), buses[0]


def is_message(item: Item) -> bool:
    return item is not None and item[0].startswith("c:") and isinstance(decode_fact(item[1]), MessageStored)


def seq_of(item: Item) -> int:
    assert item is not None
    fact = decode_fact(item[1])
    assert isinstance(fact, MessageStored)
    return fact.sealed.seq


@dataclass
class Talk:
    """A visitor on a gateway with a good bus, and one who looks on from a gateway with a fated one."""

    house: House
    speaker: Ear
    onlooker: Ear
    gateway: RunningGateway
    bus: FatedBus
    here: UUID

    async def says(self, *texts: str) -> None:
        for text in texts:
            await self.speaker.client.post(self.here, text)

    @property
    def record(self) -> Conversation:
        record = self.gateway.gateway.feeds._entries[ConversationId(self.here)].feed.record
        assert record is not None
        return record

    async def sealed(self, seq: int, text: str, client_id: UUID | None = None) -> Sealed:
        """A text of the visitor's, as somebody else's gateway would have sealed it."""
        record = self.record
        author = Actor.visitor(record.workspace, record.site, record.visitor)
        draft = Draft(
            author, record.id, ClientId(client_id or uuid4()), Kind.TEXT, text, self.gateway.stores.clock.now_ms()
        )
        return await self.house.stores.sealer.seal(record, Numbered(Admitted(draft), Seq(seq)))

    async def publish(self, sealed: Sealed) -> None:
        await self.house.stores.bus.publish(conversation_topic(self.here), encode_fact(MessageStored(sealed)))


@pytest.fixture
async def talk(house: House) -> AsyncIterator[Talk]:
    good = await house.gateway()
    gateway, bus = await fated_gateway(house)
    async with Ear(await house.agent(good)) as speaker, Ear(house.visitor(gateway)) as onlooker:
        here = onlooker.client.conversation
        await onlooker.client.post(here, "0")
        await speaker.client.ask(Claim(0, here))
        await until(lambda: len(onlooker.messages(here)) == 2)
        yield Talk(house, speaker, onlooker, gateway, bus, here)
        # Clients ask again for what they miss. Here the gateway did without that: it never sent a hole.
        assert onlooker.client.connects == 1


# --- order ----------------------------------------------------------------------------------------------------------


async def test_messages_are_shown_as_they_come_without_a_look_at_the_record(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "CHECK_S", 3_600)
    first, second = await house.gateway(), await house.gateway()
    async with Ear(house.visitor(first)) as visitor, Ear(await house.agent(second)) as agent:
        here = visitor.client.conversation
        await visitor.client.post(here, "0")
        await agent.client.ask(Claim(0, here))
        reads: list[int] = []
        for gateway in (first, second):
            monkeypatch.setattr(gateway.stores.messages, "after", lambda *_, **__: reads.append(1))
        for number in range(1, 6):
            await agent.client.post(here, str(number))
        await visitor.hears_texts(here, *map(str, range(6)))
        await agent.hears_texts(here, *map(str, range(6)))
        assert reads == []


async def test_facts_that_come_twice_are_sent_once(talk: Talk) -> None:
    talk.bus.fate = lambda item: [item, item]
    async with a_peer(talk.gateway) as peer:
        peer.send(a_hello(talk.house, token=talk.onlooker.client.token))
        await peer.hears(Snapshot)
        await talk.says("1", "2", "3")
        await talk.onlooker.hears_texts(talk.here, "0", "1", "2", "3")
        await until(lambda: len(peer.all(Message)) >= 3)
        assert [frame.message.body for frame in peer.all(Message)] == ["1", "2", "3"]


async def test_facts_that_overtake_each_other_are_shown_in_order(talk: Talk) -> None:
    held: list[Item] = []

    def by_threes_backwards(item: Item) -> list[Item]:
        if not is_message(item):
            return [item]
        held.append(item)
        if len(held) < 3:
            return []
        backwards = held[::-1]
        held.clear()
        return backwards

    talk.bus.fate = by_threes_backwards
    await talk.says(*map(str, range(1, 10)))
    await talk.onlooker.hears_texts(talk.here, *map(str, range(10)))


async def test_a_lost_fact_is_read_from_the_record_when_the_next_one_comes(talk: Talk) -> None:
    talk.bus.fate = lambda item: [] if is_message(item) and seq_of(item) in (3, 4, 6) else [item]
    await talk.says("1", "2", "3", "4", "5")
    await talk.onlooker.hears_texts(talk.here, "0", "1", "2", "3", "4", "5")


async def test_a_lost_last_fact_is_found_by_the_position_check(talk: Talk) -> None:
    talk.bus.fate = lambda item: [] if is_message(item) else [item]
    await talk.says("1", "2")
    async with asyncio.timeout(5):
        await talk.onlooker.hears_texts(talk.here, "0", "1", "2")


async def test_every_conversation_is_compared_in_every_check_and_one_on_its_way_costs_no_read(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "CHECK_S", 0.1)
    good = await house.gateway()
    gateway, bus = await fated_gateway(house)
    reads: list[ConversationId] = []
    after = gateway.stores.messages.after

    async def noting(conversation: ConversationId, seq: Seq, *, limit: int) -> object:
        reads.append(conversation)
        return await after(conversation, seq, limit=limit)

    monkeypatch.setattr(gateway.stores.messages, "after", noting)
    async with Ear(house.visitor(gateway)) as visitor, Ear(await house.agent(good)) as agent:
        here = visitor.client.conversation
        await visitor.client.post(here, "0")
        await agent.client.ask(Claim(0, here))
        await until(lambda: len(visitor.messages(here)) == 2)
        reads.clear()
        for number in range(20):  # in nearly every check a number has just been given
            await agent.client.post(here, f"quick {number}")
        await until(lambda: len(visitor.messages(here)) == 22)
        assert reads == []
        checks = gateway.gateway.feeds.checks
        bus.fate = lambda item: [] if is_message(item) else [item]
        await agent.client.post(here, "1")
        await visitor.hears_texts(here, "0", *[f"quick {number}" for number in range(20)], "1")
        assert gateway.gateway.feeds.checks <= checks + 4
        assert set(reads) == {here}


async def test_whatever_becomes_of_facts_all_is_shown_once_and_in_order(talk: Talk) -> None:
    chance = random.Random(7)
    late: list[Item] = []

    def fate(item: Item) -> list[Item]:
        released, late[:] = [each for each in late if chance.random() < 0.5], late[:1]
        match chance.randrange(4):
            case 0:
                return released
            case 1:
                return [item, *released, item]
            case 2:
                late.append(item)
                return released
            case _:
                return [*released, item]

    talk.bus.fate = fate
    texts = [str(number) for number in range(1, 60)]
    await talk.says(*texts)
    await talk.onlooker.hears_texts(talk.here, "0", *texts)
    assert talk.onlooker.messages(talk.here) == await talk.house.record(talk.here)


async def test_facts_that_nobody_understands_harm_nothing(talk: Talk) -> None:
    bus = talk.house.stores.bus
    for topic in (conversation_topic(talk.here), "all", workspace_topic(talk.house.workspace.id)):
        for data in (b"", b"\xc1", b"\x92\xcc\x63\x01", b"not a fact"):
            await bus.publish(topic, data)
    await talk.says("still here")
    await talk.onlooker.hears_texts(talk.here, "0", "still here")


# --- gaps -----------------------------------------------------------------------------------------------------------


class Waits:
    """A patience that counts how often somebody begins to have it."""

    def __init__(self) -> None:
        self.begun = 0

    def __iter__(self) -> Iterator[float]:
        self.begun += 1
        yield 0.01


async def test_a_number_that_is_never_stored_is_closed_with_a_void_after_the_patience(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_module, "GAP_PATIENCE_S", (0.01, 0.01))
    late = await talk.sealed(3, "too late")
    first = await talk.sealed(4, "in time")
    await talk.house.stores.messages.append(first)
    await talk.house.stores.numbers.resume(ConversationId(talk.here), highest=Seq(4), ended=False)
    await talk.publish(first)
    await talk.onlooker.hears_texts(talk.here, "0", "in time")
    assert [(message.seq, message.kind) for message in talk.onlooker.messages(talk.here)][2:] == [
        (3, Kind.VOID),
        (4, Kind.TEXT),
    ]
    accepted = await talk.onlooker.client.post(talk.here, "too late", client_id=_v7(late.client_id))
    assert accepted.seq == 5
    for ear in (talk.onlooker, talk.speaker):
        await ear.hears_texts(talk.here, "0", "in time", "too late")
    assert [message.seq for message in await talk.house.record(talk.here)] == [1, 2, 3, 4, 5]


async def test_gaps_that_are_there_together_are_closed_after_one_patience(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crash may leave several numbers among those of others: who waits for one has waited for all."""
    waits = Waits()
    monkeypatch.setattr(feed_module, "GAP_PATIENCE_S", waits)
    stored = [await talk.sealed(seq, str(seq)) for seq in (4, 6, 9)]
    for sealed in stored:
        await talk.house.stores.messages.append(sealed)
    await talk.house.stores.numbers.resume(ConversationId(talk.here), highest=Seq(9), ended=False)
    await talk.publish(stored[-1])
    await talk.onlooker.hears_texts(talk.here, "0", "4", "6", "9")
    kinds = [message.kind for message in talk.onlooker.messages(talk.here)][2:]
    assert kinds == [Kind.VOID, Kind.TEXT, Kind.VOID, Kind.TEXT, Kind.VOID, Kind.VOID, Kind.TEXT]
    assert waits.begun <= 2, "once on each gateway"


async def test_a_message_whose_number_was_closed_meanwhile_gets_the_next_one(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its gateway numbered it, and was slow to store it."""
    monkeypatch.setattr(feed_module, "GAP_PATIENCE_S", (0.01,))
    messages, go_on = talk.gateway.stores.messages, asyncio.Event()
    append, held = messages.append, list[Seq]()

    async def slow(sealed: Sealed) -> object:
        if not held:
            held.append(sealed.seq)
            await go_on.wait()
        return await append(sealed)

    monkeypatch.setattr(messages, "append", slow)
    slow_post = asyncio.create_task(talk.onlooker.client.post(talk.here, "slow"))
    await until(lambda: held == [3])
    await talk.says("fast")
    await until(lambda: [m.kind for m in talk.speaker.messages(talk.here)][2:] == [Kind.VOID, Kind.TEXT])
    go_on.set()
    assert (await slow_post).seq == 5
    for ear in (talk.onlooker, talk.speaker):
        await ear.hears_texts(talk.here, "0", "fast", "slow")
        assert [message.seq for message in ear.messages(talk.here)] == [1, 2, 3, 4, 5]


def test_a_feed_that_opens_looks_back_further_than_numbers_can_be_missing() -> None:
    """Until a gap is closed, the budgets let so many messages be stored above it; a gap below is never looked for."""
    closed_s = 2 * sum(feed_module.GAP_PATIENCE_S)
    above = CONVERSATION.burst + closed_s * 1_000 / CONVERSATION.period_ms
    assert 1.5 * above <= feed_module.IN_FLIGHT


async def test_a_gap_before_the_first_known_message_is_closed_too(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The conversation's beginning was lost with its gateway, and so was the fact that it exists."""
    monkeypatch.setattr(feed_module, "GAP_PATIENCE_S", (0.01,))
    gateway = await house.gateway()
    async with Ear(house.visitor(gateway)) as visitor:
        here, welcome = visitor.client.conversation, visitor.client.welcome
        who = VisitorId(welcome.visitor)  # type: ignore[union-attr]
        actor = Actor.visitor(house.workspace.id, house.site.id, who)
        service = gateway.gateway.parts.service
        record = await service.begin(actor, ConversationId(here), b"")
        draft = Draft(actor, record.id, ClientId(uuid4()), Kind.TEXT, "second", house.stores.clock.now_ms())
        second = await house.stores.sealer.seal(record, Numbered(Admitted(draft), Seq(2)))
        await house.stores.messages.append(second)
        await house.stores.numbers.resume(record.id, highest=Seq(2), ended=False)
        await house.stores.bus.publish(conversation_topic(here), encode_fact(MessageStored(second)))
        await visitor.hears_texts(here, "second")
        assert [message.kind for message in visitor.messages(here)] == [Kind.VOID, Kind.TEXT]


async def test_a_conversation_with_a_gap_holds_up_no_other(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_module, "GAP_PATIENCE_S", (30.0,))
    monkeypatch.setattr(server, "CHECK_S", 0.05)
    good = await house.gateway()
    gateway, bus = await fated_gateway(house)
    async with (
        Ear(house.visitor(good)) as one,
        Ear(house.visitor(good)) as two,
        Ear(await house.agent(gateway)) as agent,
    ):
        for visitor in (one, two):
            await visitor.client.post(visitor.client.conversation, "0")
            await agent.client.ask(Claim(0, visitor.client.conversation))
            await until(lambda visitor=visitor: len(visitor.messages(visitor.client.conversation)) == 2)  # type: ignore[misc]
        bus.fate = lambda item: [] if is_message(item) else [item]
        gap = Talk(house, one, agent, gateway, bus, one.client.conversation)
        await house.stores.messages.append(await gap.sealed(9, "far ahead"))
        gateway.gateway.feeds.lost()
        await two.client.post(two.client.conversation, "1")
        async with asyncio.timeout(10):
            await agent.hears_texts(two.client.conversation, "0", "1")
        assert gateway.gateway.away() == []


# --- what else may be lost ------------------------------------------------------------------------------------------


async def test_a_lost_change_is_found_in_the_queue_by_the_periodic_check(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workplaces, "CHECK_S", 0.05)
    good = await house.gateway()
    gateway, bus = await fated_gateway(house)
    bus.fate = lambda item: [] if item and item[0].startswith("w:") else [item]
    async with Ear(house.visitor(good)) as visitor, Ear(await house.agent(gateway)) as agent:
        here = visitor.client.conversation
        await visitor.client.post(here, "Anybody?")
        await agent.lists(here, state=State.WAITING)
        await visitor.client.ask(End(0, here))
        await agent.lists(here, state=State.ENDED)


async def test_a_change_that_could_not_be_read_when_it_came_is_shown_later(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workplaces, "CHECK_S", 0.05)
    gateway = await house.gateway()
    views = gateway.gateway.parts.views
    for_agents, failures = views.for_agents, list[int]()

    async def failing_once(conversations: list[Conversation]) -> object:
        if len(failures) < 1:
            failures.append(1)
            raise Unavailable("not now")
        return await for_agents(conversations)

    async with Ear(house.visitor(gateway)) as visitor, Ear(await house.agent(gateway)) as agent:
        here = visitor.client.conversation
        await visitor.client.post(here, "Anybody?")
        await agent.lists(here, preview__body="Anybody?")
        for frame, wanted in (
            (Introduce(0, "Wanda", ""), {"visitor__name": "Wanda"}),
            (End(0, here), {"state": State.ENDED}),
        ):
            failures.clear()
            monkeypatch.setattr(views, "for_agents", failing_once)
            await visitor.client.ask(frame)
            await agent.lists(here, **wanted)
            assert failures == [1]


async def test_after_a_lost_connection_of_the_bus_the_queue_shows_the_latest_texts(house: House) -> None:
    good = await house.gateway()
    gateway, bus = await fated_gateway(house)
    async with Ear(house.visitor(good)) as visitor, Ear(await house.agent(gateway)) as agent:
        here = visitor.client.conversation
        await visitor.client.post(here, "first")
        await agent.lists(here, preview__body="first")
        bus.fate = lambda item: [] if item and item[0].startswith("w:") else [item]
        await visitor.client.post(here, "second")
        bus.fate = lambda item: [None, item]
        await house.stores.bus.publish(presence_topic(house.workspace.id), b"anything")
        await agent.lists(here, preview__body="second")


async def test_presence_that_changes_while_it_is_read_is_shown_as_it_is_in_the_end(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workplaces, "CHECK_S", 3_600)
    gateway = await house.gateway()
    async with Ear(house.visitor(gateway)) as visitor, Ear(await house.agent(gateway)) as agent:
        for on in (False, True) * 6 + (False,):
            gateway.gateway.workplaces.presence_changed(house.workspace.id)
            party = _agent_of(gateway)
            await gateway.stores.presence.touch(
                house.workspace.id, party.sign_in.account, party._connection_name, available=on
            )
            gateway.gateway.workplaces.presence_changed(house.workspace.id)
            gateway.gateway.workplaces.presence_changed(house.workspace.id)
        await until(lambda: [frame.attended for frame in visitor.all(Attendance)][-1:] == [False])
        await until(lambda: [frame.person.available for frame in agent.all(Presence)][-1:] == [False])


async def test_whoever_reloads_within_a_moment_was_never_gone(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = ManualClock()
    monkeypatch.setattr(server, "CHECK_S", 0.01)
    gateway = await house.gateway(change=lambda parts: replace(parts, clock=clock))
    bob = await house.account("Bob")
    async with Ear(await house.agent(gateway)) as ada, Ear(house.visitor(gateway)) as visitor:
        await ada.client.ask(Availability(0, False))
        await until(lambda: [frame.attended for frame in visitor.all(Attendance)] in ([False], [True, False]))
        async with Ear(house.agent_of(gateway, bob)):
            await ada.hears(Presence, person__name="Bob", online=True)
        feeds = gateway.gateway.feeds
        await until(lambda: len(gateway.gateway._connections) == 2)
        checked = feeds.checks
        await until(lambda: feeds.checks >= checked + 5)
        assert ada.all(Presence, person__name="Bob", online=False) == []
        clock.advance(workplaces.DEPARTURE_S - 1)
        async with Ear(house.agent_of(gateway, bob)):
            clock.advance(2)
            await until(lambda: not gateway.gateway.workplaces._departures)
            await ada.client.ask(Availability(0, False))
            assert ada.all(Presence, person__name="Bob", online=False) == []
        await until(lambda: gateway.gateway.workplaces._departures)
        clock.advance(workplaces.DEPARTURE_S + 1)
        await ada.hears(Presence, person__name="Bob", online=False)


# --- what is kept ---------------------------------------------------------------------------------------------------


async def test_feeds_queues_and_subscriptions_are_forgotten_after_the_last_follower(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module, name, value in (
        (feeds_module, "GRACE_S", 0.01),
        (server, "CHECK_S", 0.01),
        (workplaces, "CHECK_S", 0.01),
    ):
        monkeypatch.setattr(module, name, value)
    monkeypatch.setattr(workplaces, "DEPARTURE_S", 0.0)
    gateway = await house.gateway()
    for _ in range(3):
        async with Ear(house.visitor(gateway)) as visitor, Ear(await house.agent(gateway, f"A{_}")) as agent:
            await visitor.client.post(visitor.client.conversation, "Hello?")
            await agent.client.ask(Claim(0, visitor.client.conversation))
    places = gateway.gateway.workplaces
    await until(lambda: not (gateway.gateway.feeds._entries or places._lobbies or places._attendances))
    assert not places._openings
    await until(lambda: list(gateway.stores.bus._wanted) == ["all"])


async def test_joins_that_fail_leave_nothing_behind(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds_module, "GRACE_S", 0.01)
    monkeypatch.setattr(server, "CHECK_S", 0.01)
    gateway = await house.gateway()
    feeds = gateway.gateway.feeds

    async def away(*_: object) -> None:
        raise Unavailable("not now")

    monkeypatch.setattr(gateway.stores.bus, "subscribe", away)
    monkeypatch.setattr(gateway.stores.numbers, "tops", away)
    for _ in range(5):
        with pytest.raises(Unavailable):
            await feeds.join(ConversationId(uuid4()))
    await until(lambda: not feeds._entries)


async def test_a_feed_that_was_given_up_while_somebody_joined_is_not_followed(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds_module, "GRACE_S", 0.0)
    monkeypatch.setattr(server, "CHECK_S", 3_600)
    gateway = await house.gateway()
    feeds = gateway.gateway.feeds
    feed = await feeds.join(ConversationId(uuid4()))
    await feeds.forget_abandoned()
    async with Ear(house.visitor(gateway)) as visitor:
        party = next(iter(gateway.gateway._connections)).party
        assert isinstance(party, Party)
        with pytest.raises(Unavailable):
            feeds.follow(feed, party, Seq(0))
        assert visitor.client.connects == 1


async def test_after_the_end_nothing_is_said_even_when_redis_forgot_that_it_ended(talk: Talk) -> None:
    talk.bus.fate = lambda item: [] if item and isinstance(decode_fact(item[1]), Changed) else [item]
    await talk.speaker.client.ask(End(0, talk.here))
    await until(lambda: talk.onlooker.messages(talk.here)[-1].kind is Kind.ENDED)
    await talk.house.stores.numbers._turn.ask("FLUSHDB")
    with pytest.raises(NotCarriedOut) as refused:
        await talk.speaker.client.post(talk.here, "One more thing")
    assert refused.value.refused.code == ENDED.code
    assert [message.kind for message in await talk.house.record(talk.here)][-1] is Kind.ENDED


def _v7(client_id: UUID) -> UUID:
    """The same id as a version 7, which clients' ids are."""
    return UUID(int=client_id.int & ~(0xF << 76) | 7 << 76)


def _agent_of(gateway: RunningGateway) -> Agent:
    (party,) = [c.party for c in gateway.gateway._connections if isinstance(c.party, Agent)]
    return party


async def test_who_is_told_where_to_go_on_may_go_on_though_this_gateway_has_not_heard_of_the_end(talk: Talk) -> None:
    """The numbering knows of the end before the fact has come."""
    talk.bus.fate = lambda _: []
    await talk.speaker.client.ask(End(0, talk.here))
    with pytest.raises(NotCarriedOut) as refusal:
        await talk.onlooker.client.post(talk.here, "Wait!")
    assert refusal.value.refused.code == ENDED.code
    following = UUID(refusal.value.refused.detail)
    assert (await talk.onlooker.client.post(following, "One more thing")).seq == 1
