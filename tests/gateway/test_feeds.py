"""What a gateway keeps of conversations: as long as somebody follows them, and no longer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any
from uuid import UUID, uuid4

import pytest

from chat.errors import Unavailable
from chat.ids import ConversationId, Seq
from chat.protocol.catalogue import ENDED
from chat.protocol.frames import Claim, End
from gateway.client import NotCarriedOut
from gateway.socket import feed as feed_module
from gateway.socket import feeds as feeds_module
from gateway.socket import reads as reads_module
from gateway.socket import server, workplaces
from gateway.socket.party import Party
from storage.redis.keys import key
from tests.gateway.ear import Ear
from tests.gateway.fated import fated_gateway, is_message
from tests.gateway.house import House, RunningGateway
from tests.gateway.waiting import until

pytestmark = pytest.mark.stores


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


# --- the position check ----------------------------------------------------------------------------------------------


async def _unheard(house: House, here: UUID, *, wasted: int) -> None:
    """A message whose fact nobody hears, after so many numbers that nobody stores."""
    found, top = await house.conversation(here), await house.stores.messages.highest(ConversationId(here))
    sealed = await house.sealed(found, top + 1 + wasted, "unheard")
    await house.stores.messages.append(sealed)
    await house.stores.numbers.resume(found.id, highest=sealed.seq, ended=False)


async def _three_with_a_hole_and_one_without(
    house: House, gateway: RunningGateway, stack: AsyncExitStack
) -> tuple[list[Ear], Ear]:
    ears = [await stack.enter_async_context(Ear(house.visitor(gateway))) for _ in range(4)]
    for ear in ears:
        await ear.client.post(ear.client.conversation, "0")
        await ear.hears_texts(ear.client.conversation, "0")
    *holed, whole = ears
    for ear in holed:
        await _unheard(house, ear.client.conversation, wasted=1)
    await _unheard(house, whole.client.conversation, wasted=0)
    return holed, whole


async def test_a_conversation_without_a_hole_never_waits_for_one_with_a_hole(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "CHECK_S", 3_600)  # this test says when
    monkeypatch.setattr(reads_module, "TOGETHER", 2)
    monkeypatch.setattr(feed_module, "GAP_PATIENCE_S", (3_600.0,))
    gateway = await house.gateway()
    async with asyncio.timeout(20), AsyncExitStack() as stack:
        holed, whole = await _three_with_a_hole_and_one_without(house, gateway, stack)
        for _ in range(2):
            await gateway.gateway.feeds.check_positions()
        await whole.hears_texts(whole.client.conversation, "0", "unheard")
        assert [ear.texts(ear.client.conversation) for ear in holed] == [["0"]] * 3
        # later losses, too, while those still wait
        await _unheard(house, whole.client.conversation, wasted=0)
        for _ in range(2):
            await gateway.gateway.feeds.check_positions()
        await whole.hears_texts(whole.client.conversation, "0", "unheard", "unheard")


async def test_a_check_reads_two_by_two_and_no_conversation_twice_at_a_time(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "CHECK_S", 3_600)
    monkeypatch.setattr(reads_module, "TOGETHER", 2)
    gateway = await house.gateway()
    go_on, reading, most = asyncio.Event(), list[ConversationId](), 0
    checked: list[ConversationId] = []
    catch_up = feed_module.Feed.catch_up

    async def noting(feed: feed_module.Feed) -> None:
        checked.append(feed.id)
        await catch_up(feed)
        checked.remove(feed.id)

    monkeypatch.setattr(feed_module.Feed, "catch_up", noting)

    def held(read: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def reads(conversation: ConversationId, *rest: Any, **more: Any) -> Any:
            nonlocal most
            reading.append(conversation)
            most = max(most, len(reading))
            await go_on.wait()
            found = await read(conversation, *rest, **more)
            reading.remove(conversation)
            return found

        return reads

    async with AsyncExitStack() as stack:
        _, whole = await _three_with_a_hole_and_one_without(house, gateway, stack)
        monkeypatch.setattr(gateway.stores.conversations, "get", held(gateway.stores.conversations.get))
        monkeypatch.setattr(gateway.stores.messages, "after", held(gateway.stores.messages.after))
        feeds = gateway.gateway.feeds
        for _ in range(5):
            await feeds.check_positions()
        await until(lambda: len(reading) == 2)
        assert len(set(checked)) == len(checked) == 4
        go_on.set()
        await whole.hears_texts(whole.client.conversation, "0", "unheard")
        await until(lambda: not checked)
        assert most == 2


async def test_a_numbering_that_remembers_less_than_was_shown_is_told_where_the_record_stands(house: House) -> None:
    """An older copy of Redis took over. It does not know of the end, nor does the gateway: its bus is mute."""
    gateway, bus = await fated_gateway(house)
    good = await house.gateway()
    numbers = house.stores.numbers
    async with Ear(house.visitor(gateway)) as visitor, Ear(await house.agent(good)) as agent:
        here = ConversationId(visitor.client.conversation)
        await visitor.client.post(here, "0")
        await agent.client.ask(Claim(0, here))
        await until(lambda: len(visitor.messages(here)) == 2)
        bus.fate = lambda item: [] if is_message(item) or (item and item[0].startswith("c:")) else [item]
        await agent.client.ask(End(0, here))
        await numbers._turn.ask("DEL", key("numbers", here))
        await numbers.resume(here, highest=Seq(1), ended=False)
        async with asyncio.timeout(10):
            while await numbers.tops([here]) != [3]:  # noqa: ASYNC110 - no one event says so
                await asyncio.sleep(0.01)
        with pytest.raises(NotCarriedOut) as refused:
            await visitor.client.post(here, "goes on")
        assert refused.value.refused.code == ENDED.code
