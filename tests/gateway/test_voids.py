"""A number that nobody stored is closed by a void, and whoever was late with it gets another."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from uuid import UUID

import pytest

from chat.budgets.rates import CONVERSATION
from chat.ids import ConversationId, Seq, VisitorId
from chat.model import Actor, Kind, Sealed
from chat.protocol.facts import MessageStored, conversation_topic, encode_fact
from chat.protocol.frames import Claim
from gateway.socket import feed as feed_module
from gateway.socket import server
from tests.gateway.ear import Ear
from tests.gateway.fated import Talk, fated_gateway, is_message
from tests.gateway.house import House
from tests.gateway.waiting import until

pytestmark = pytest.mark.stores


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
        second = await house.sealed(record, 2, "second")
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


def test_a_feed_that_opens_looks_back_further_than_numbers_can_be_missing() -> None:
    """Until a gap is closed, the budgets let so many messages be stored above it; a gap below is never looked for."""
    closed_s = 2 * sum(feed_module.GAP_PATIENCE_S)
    above = CONVERSATION.burst + closed_s * 1_000 / CONVERSATION.period_ms
    assert 1.5 * above <= feed_module.IN_FLIGHT


def _v7(client_id: UUID) -> UUID:
    """The same id as a version 7, which clients' ids are."""
    return UUID(int=client_id.int & ~(0xF << 76) | 7 << 76)
