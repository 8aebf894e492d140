"""Pub/sub may lose, double and overtake; what a conversation's followers are shown is whole, once, and in order."""

from __future__ import annotations

import asyncio
import random

import pytest

from chat.ids import ConversationId, Seq
from chat.protocol.facts import conversation_topic, workspace_topic
from chat.protocol.frames import Claim, Message, Snapshot
from gateway.socket import server
from tests.gateway.ear import Ear
from tests.gateway.fated import Item, Talk, fated_gateway, is_message, seq_of
from tests.gateway.house import House
from tests.gateway.raw import a_hello, a_peer
from tests.gateway.waiting import until

pytestmark = pytest.mark.stores


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
    monkeypatch.setattr(server, "CHECK_S", 3_600)  # this test says when
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
        feeds = gateway.gateway.feeds
        shown = ["0"]
        for number in range(20):  # each is compared while its number has just been given
            shown.append(f"quick {number}")
            await asyncio.gather(agent.client.post(here, shown[-1]), feeds.check_positions())
            await visitor.hears_texts(here, *shown)
        assert reads == []
        bus.fate = lambda item: [] if is_message(item) else [item]
        await agent.client.post(here, "lost")
        await feeds.check_positions()
        assert reads == []  # it may be on its way
        await feeds.check_positions()
        await visitor.hears_texts(here, *shown, "lost")
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
