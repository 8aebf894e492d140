"""A client whose reader is far behind takes no more, and loses nothing by it."""

from __future__ import annotations

import pytest

from chat.protocol.frames import Claim, Hello, HelloAgent, Message, Queue, Typing, TypingNow
from gateway.client import Client, agent, visitor
from gateway.client import client as client_module
from tests.gateway.client.script import HERE, Script, a_ticket, message, snapshot
from tests.gateway.ear import Ear
from tests.gateway.house import House
from tests.gateway.waiting import until

WAITING = 10


@pytest.fixture(autouse=True)
def few_frames_may_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "YIELDED", WAITING)


async def seqs(client: Client, last: int) -> list[int]:
    """The numbers of the messages that it yields, up to this one."""
    found: list[int] = []
    async for _, each in client.messages():
        found.append(each.seq)
        if each.seq == last:
            break
    return found


async def test_who_reads_late_is_sent_the_rest_after_half_and_gets_every_message_once(script: Script, url: str) -> None:
    async with visitor(url, "s") as client:
        await script.say(*[message(seq) for seq in range(1, 31)])
        assert (await client.post(HERE, "answered all the same")).seq == 1
        assert client._yielded.qsize() == WAITING
        assert client.positions[HERE] == WAITING - 1  # the first frame was the welcome
        assert len(script.all(Hello)) == 1
        reading = client.messages()
        got = [(await anext(reading))[1].seq for _ in range(WAITING // 2)]
        await until(lambda: len(script.all(Hello)) == 2)
        greeting = script.all(Hello)[-1]
        assert isinstance(greeting, Hello)
        assert greeting.position == WAITING - 1
        await until(lambda: client.connects == 2)
        await script.say(snapshot(0, *range(WAITING, 14)))
        got += [(await anext(reading))[1].seq for _ in range(13 - len(got))]
        assert got == list(range(1, 14))


async def test_an_agent_s_list_is_told_anew_after_what_it_did_not_take(script: Script, url: str) -> None:
    async with agent(url, a_ticket) as client:
        await script.say(*[TypingNow(0, HERE, 1, HERE, True) for _ in range(3 * WAITING)], Queue(0, [], [], []))
        await until(lambda: client._is_full)
        reading = aiter(client)
        for _ in range(WAITING // 2):
            await anext(reading)
        await until(lambda: len(script.all(HelloAgent)) == 2)
        await until(lambda: client.connects == 2)
        await script.say(Queue(0, [], [], []))
        while not isinstance(await anext(reading), Queue):
            pass


@pytest.mark.stores
async def test_a_talk_that_nobody_reads_meanwhile_is_read_whole_afterwards(house: House) -> None:
    gateway = await house.gateway()
    async with house.visitor(gateway) as visitor, Ear(await house.agent(gateway)) as agent:
        here = visitor.conversation
        await visitor.post(here, "0")
        await agent.client.ask(Claim(0, here))
        for number in range(2 * WAITING):
            await agent.client.post(here, str(number))
            await agent.client.tell(Typing(0, here, True))
        assert (await visitor.post(here, "last")).seq == 3 + 2 * WAITING
        assert await seqs(visitor, 3 + 2 * WAITING) == list(range(1, 4 + 2 * WAITING))
        assert len(agent.all(Message)) >= 2 * WAITING
        assert visitor.connects > 1
