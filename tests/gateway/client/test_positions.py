"""The client yields each message once and in order, and asks for what it missed."""

from __future__ import annotations

from chat.protocol.catalogue import AWAY, LIMITED
from chat.protocol.frames import Beat, ClientFrame, Goodbye, Hello, Tops, Watch
from gateway.client import agent, visitor
from tests.gateway.client.script import HERE, Script, a_ticket, message, snapshot
from tests.gateway.ear import Ear
from tests.gateway.waiting import until


async def test_each_message_is_yielded_once_and_in_order(script: Script, url: str) -> None:
    async with Ear(agent(url, a_ticket)) as ear:
        await script.say(
            snapshot(0, 1, 2), message(2), message(3), message(3), snapshot(0, 3, 4), message(4), message(5)
        )
        await until(lambda: len(ear.messages(HERE)) >= 5)
        await script.say(Goodbye(0, AWAY.code, "", "resume", 0))
        await ear.hears(Goodbye)
        assert [each.seq for each in ear.messages(HERE)] == [1, 2, 3, 4, 5]


async def test_an_agent_who_missed_a_message_asks_once_for_what_comes_after_the_last_one(
    script: Script, url: str
) -> None:
    async def fill(frame: ClientFrame) -> None:
        if isinstance(frame, Watch):
            await script.say(snapshot(frame.ref, 2, 3, 4))

    script.answer = fill
    async with Ear(agent(url, a_ticket)) as ear:
        await script.say(message(1), message(3), message(4))
        await until(lambda: len(ear.messages(HERE)) >= 4)
        assert [each.seq for each in ear.messages(HERE)] == [1, 2, 3, 4]
        (watch,) = script.all(Watch)
        assert isinstance(watch, Watch)
        assert (watch.conversation, watch.position) == (HERE, 1)


async def test_an_agent_who_is_refused_the_missed_messages_asks_again_later(script: Script, url: str) -> None:
    async def limit_first(frame: ClientFrame) -> None:
        if len(script.all(Watch)) == 1:
            await script.refuse(frame, LIMITED, 5)
        else:
            await script.say(snapshot(frame.ref, 2, 3))

    script.answer = limit_first
    async with Ear(agent(url, a_ticket)) as ear:
        await script.say(message(1), message(3))
        await until(lambda: [each.seq for each in ear.messages(HERE)] == [1, 2, 3])


async def test_a_visitor_who_missed_a_message_greets_again_with_the_position(script: Script, url: str) -> None:
    async with Ear(visitor(url, "s")) as ear:
        await script.say(message(1), message(2), message(5))
        await until(lambda: len(script.all(Hello)) == 2)
        first, second = script.all(Hello)
        assert isinstance(first, Hello)
        assert isinstance(second, Hello)
        assert (first.conversation, first.position, first.token) == (None, 0, None)
        assert (second.conversation, second.position, second.token) == (HERE, 2, "t")
        await until(lambda: ear.client.connects == 2)
        await script.say(snapshot(0, 3, 4, 5))
        await until(lambda: [each.seq for each in ear.messages(HERE)] == [1, 2, 3, 4, 5])


async def test_a_heartbeat_carries_positions_and_its_answer_tells_what_was_missed(script: Script, url: str) -> None:
    script.heartbeat_ms = 20

    async def answer(frame: ClientFrame) -> None:
        if isinstance(frame, Beat) and frame.positions:
            await script.say(Tops(0, [(HERE, 3)]))
        elif isinstance(frame, Watch):
            await script.say(snapshot(frame.ref, 2, 3))

    script.answer = answer
    async with Ear(agent(url, a_ticket)) as ear:
        await script.say(message(1))
        await until(lambda: [each.seq for each in ear.messages(HERE)] == [1, 2, 3])
        assert Beat(0, [(HERE, 1)]) in script.all(Beat)
        await until(lambda: Beat(0, [(HERE, 3)]) in script.all(Beat))
