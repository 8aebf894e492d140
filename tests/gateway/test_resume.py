"""Coming back: after a lost connection, in a second tab, after the end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from chat.clock import new_id
from chat.ids import ClientId
from chat.protocol.catalogue import ENDED
from chat.protocol.frames import Claim, End, Kind, Message, Snapshot, State, Welcome
from gateway.client import NotCarriedOut
from gateway.client.client import Client
from tests.gateway.ear import Ear
from tests.gateway.house import House
from tests.gateway.waiting import until

pytestmark = pytest.mark.stores


async def drop(client: Client) -> None:
    """The connection is lost, and comes back."""
    before = client.connects
    await client._line.drop()
    await until(lambda: client.connects > before)


async def test_after_a_lost_connection_only_what_was_missed_comes_and_nothing_twice(house: House) -> None:
    first, second = await house.gateway(), await house.gateway()
    async with Ear(house.visitor(first)) as visitor, Ear(await house.agent(second)) as agent:
        here = visitor.client.conversation
        await visitor.client.post(here, "one")
        await agent.client.ask(Claim(0, here))
        await agent.hears_texts(here, "one")
        await drop(agent.client)
        assert (await agent.hears(Snapshot, recovered=True)).messages == []

        assert agent.client._line._socket is not None
        agent.client._line._socket.transport.abort()
        await visitor.client.post(here, "two")
        await visitor.client.post(here, "three")
        await agent.hears_texts(here, "one", "two", "three")
        await drop(visitor.client)
        await visitor.client.post(here, "four")
        await visitor.hears_texts(here, "one", "two", "three", "four")
        assert [message.seq for message in visitor.messages(here)] == [1, 2, 3, 4, 5]


async def test_whoever_comes_back_at_the_top_costs_no_look_at_the_record(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway = await house.gateway()
    async with Ear(house.visitor(gateway)) as visitor, Ear(await house.agent(gateway)) as agent:
        here = visitor.client.conversation
        await visitor.client.post(here, "one")
        await agent.client.ask(Claim(0, here))
        await visitor.hears(Message, message__kind=Kind.JOINED)
        reads: list[str] = []
        for port in (gateway.stores.conversations, gateway.stores.messages):
            for name in ("get", "last_of", "after", "before", "latest", "highest", "find"):
                if hasattr(port, name):
                    monkeypatch.setattr(port, name, noted(getattr(port, name), reads))
        await drop(visitor.client)
        assert (await visitor.hears(Snapshot, recovered=True)).messages == []
        assert reads == []
        await agent.client.post(here, "still here?")
        await visitor.hears_texts(here, "one", "still here?")


def noted(read: Callable[..., Awaitable[object]], reads: list[str]) -> Callable[..., Awaitable[object]]:
    async def noting(*arguments: object, **more: object) -> object:
        reads.append(read.__name__)
        return await read(*arguments, **more)

    return noting


async def test_a_second_tab_with_the_same_token_shows_the_same_conversation_live(house: House) -> None:
    first, second = await house.gateway(), await house.gateway()
    async with Ear(house.visitor(first)) as tab:
        here = tab.client.conversation
        await tab.client.post(here, "from the first tab")
        async with Ear(house.visitor(second, token=tab.client.token)) as other:
            assert other.client.conversation == here
            assert isinstance(other.client.welcome, Welcome)
            assert other.client.welcome.state is State.WAITING
            await other.client.post(here, "from the second tab")
            for ear in (tab, other):
                await ear.hears_texts(here, "from the first tab", "from the second tab")


async def test_two_tabs_that_came_before_the_conversation_began_share_it(house: House) -> None:
    first, second = await house.gateway(), await house.gateway()
    async with Ear(house.visitor(first)) as tab, Ear(house.visitor(second, token=tab.client.token)) as other:
        here = tab.client.conversation
        assert other.client.conversation == here
        await asyncio.gather(tab.client.post(here, "left"), other.client.post(here, "right"))
        for ear in (tab, other):
            await until(lambda ear=ear: len(ear.texts(here)) == 2)  # type: ignore[misc]
            assert sorted(ear.texts(here)) == ["left", "right"]
        assert tab.messages(here) == other.messages(here)


async def test_a_visitor_who_was_away_when_it_ended_sees_how_it_ended(house: House) -> None:
    gateway = await house.gateway()
    async with Ear(house.visitor(gateway)) as visitor, Ear(await house.agent(gateway)) as agent:
        here = visitor.client.conversation
        await visitor.client.post(here, "Is it sent?")
        await agent.client.ask(Claim(0, here))
        await until(lambda: len(visitor.messages(here)) == 2)
        await visitor.client._line.drop()
        await agent.client.post(here, "It is sent.")
        await agent.client.ask(End(0, here))
        await until(lambda: len(visitor.messages(here)) == 4)
        assert [message.kind for message in visitor.messages(here)][-2:] == [Kind.TEXT, Kind.ENDED]
        await drop(visitor.client)
        assert isinstance(visitor.client.welcome, Welcome)
        assert visitor.client.welcome.state is State.NEW
        assert visitor.client.conversation != here


async def test_who_holds_nothing_any_more_of_what_ended_meanwhile_and_names_it_is_shown_it_whole(house: House) -> None:
    gateway = await house.gateway()
    async with Ear(house.visitor(gateway)) as visitor:
        here = visitor.client.conversation
        await visitor.client.post(here, "Is it sent?")
    token = visitor.client.token
    async with Ear(await house.agent(gateway)) as agent:
        await agent.client.ask(Claim(0, here))
        await agent.client.post(here, "It is sent.")
        await agent.client.ask(End(0, here))
    for _ in range(2):  # as often as it is named
        async with Ear(house.visitor(gateway, token=token, conversation=here)) as again:
            assert isinstance(again.client.welcome, Welcome)
            assert (again.client.welcome.conversation, again.client.welcome.state) == (here, State.ENDED)
            await until(lambda again=again: len(again.messages(here)) == 4)  # type: ignore[misc]
            assert again.texts(here) == ["Is it sent?", "It is sent."]
            assert again.messages(here)[-1].kind is Kind.ENDED
    async with Ear(house.visitor(gateway, token=token)) as new:
        assert isinstance(new.client.welcome, Welcome)
        assert new.client.welcome.state is State.NEW
        await new.client.post(new.client.conversation, "Another question")
        following = new.client.conversation
    async with Ear(house.visitor(gateway, token=token, conversation=here)) as again:
        assert again.client.conversation == following, "it is the last one no more"


async def test_what_another_visitor_names_is_not_shown_to_them(house: House) -> None:
    gateway = await house.gateway()
    async with Ear(house.visitor(gateway)) as visitor, Ear(house.visitor(gateway)) as other:
        here = visitor.client.conversation
        await visitor.client.post(here, "Is it sent?")
        await visitor.client.ask(End(0, here))
        await other.client.post(other.client.conversation, "And mine?")
    async with Ear(house.visitor(gateway, token=other.client.token, conversation=here)) as curious:
        assert curious.client.conversation == other.client.conversation
        await until(lambda: curious.texts(other.client.conversation) == ["And mine?"])
        assert curious.messages(here) == []


async def test_what_is_sent_again_after_the_end_is_answered_as_what_became_of_it(house: House) -> None:
    """The connection was lost with posts in the outbox, the conversation ended, and the next welcome is to the next."""
    gateway = await house.gateway()
    kept, late = ClientId(new_id(house.stores.clock)), ClientId(new_id(house.stores.clock))
    async with Ear(house.visitor(gateway)) as visitor:
        here = visitor.client.conversation
        first = await visitor.client.post(here, "Is it sent?", client_id=kept)
        await visitor.client.ask(End(0, here))
    async with Ear(house.visitor(gateway, token=visitor.client.token)) as visitor:
        following = visitor.client.conversation
        assert following != here
        assert (await visitor.client.post(here, "Is it sent?", client_id=kept)).seq == first.seq
        with pytest.raises(NotCarriedOut) as refusal:
            await visitor.client.post(here, "Hello?", client_id=late)
        assert (refusal.value.refused.code, refusal.value.refused.detail) == (ENDED.code, str(following))
