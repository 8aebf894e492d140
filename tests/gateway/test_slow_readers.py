"""A reader that does not read costs bounded memory, and nobody else notices."""

from __future__ import annotations

import pytest
from websockets.frames import Opcode

from chat.ports import Rate
from chat.protocol.catalogue import SLOW
from chat.protocol.frames import Message, Snapshot, Typing, TypingNow, Watch, Welcome
from gateway.socket import intake, outlet
from gateway.socket.outlet import WRITE_BYTES
from tests.gateway.ear import Ear
from tests.gateway.house import House
from tests.gateway.raw import a_hello, a_peer, an_agents_hello
from tests.gateway.stalled import LONG, a_stalled_tab, backlog, stalled
from tests.gateway.waiting import until

pytestmark = pytest.mark.stores


async def test_a_reader_who_stops_is_closed_as_slow_with_bounded_memory_and_others_do_not_notice(
    house: House,
) -> None:
    gateway = await house.gateway()
    async with Ear(house.visitor(gateway)) as visitor, Ear(await house.agent(gateway)) as agent:
        here = visitor.client.conversation
        async with a_stalled_tab(house, gateway, visitor, agent) as (_, connection):
            most, said = 0, 0
            while connection.is_open:
                said += 1
                assert said < 200, "a reader this slow is closed"
                await agent.client.post(here, f"{said} {LONG}")
                await visitor.client.post(here, f"{said}") if said <= 3 else None
                most = max(most, backlog(connection))
            assert most <= WRITE_BYTES + 2 * len(LONG)
            await until(lambda: connection not in gateway.gateway._connections)
        await until(lambda: len(visitor.texts(here)) >= said + 4)
        assert [message.seq for message in visitor.messages(here)] == list(range(1, len(visitor.messages(here)) + 1))
        assert (visitor.client.connects, agent.client.connects) == (1, 1)


async def test_a_slow_reader_who_reads_again_in_time_is_told_why_and_resumes_whole(house: House) -> None:
    gateway = await house.gateway()
    async with Ear(house.visitor(gateway)) as visitor, Ear(await house.agent(gateway)) as agent:
        here = visitor.client.conversation
        async with a_stalled_tab(house, gateway, visitor, agent) as (slow, connection):
            said = 0
            while connection.is_open:
                said += 1
                await agent.client.post(here, f"{said} {LONG}")
            slow.read_on()
            assert await slow.closed_with() in (SLOW.code, None)  # None: it was cut before it had read so far
        async with Ear(house.visitor(gateway, token=visitor.client.token)) as again:
            await until(lambda: again.client.positions.get(here, 0) == said + 2)


async def test_what_may_be_lost_is_shed_before_a_reader_is_called_slow(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outlet, "EPHEMERAL_BYTES", 0)
    gateway = await house.gateway()
    async with Ear(house.visitor(gateway)) as visitor, Ear(await house.agent(gateway)) as agent:
        here = visitor.client.conversation
        async with a_stalled_tab(house, gateway, visitor, agent) as (slow, connection):
            while not backlog(connection):
                await agent.client.post(here, LONG)
            await agent.client.tell(Typing(0, here, True))
            await visitor.hears(TypingNow)
            await agent.client.post(here, "Still there?")
            await visitor.hears(Message, message__body="Still there?")
            slow.read_on()
            await until(lambda: "Still there?" in [said.message.body for said in slow.all(Message)])
            assert LONG in [said.message.body for said in slow.all(Message)]
            assert not slow.all(TypingNow)
            assert connection.is_open


async def test_pings_that_nobody_reads_the_answers_of_do_not_fill_the_memory(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outlet, "WRITE_BYTES", 16 * 1024)
    monkeypatch.setattr(intake, "_REFUSALS", Rate(period_ms=1, burst=1_000_000))  # not a flood, for once
    gateway = await house.gateway()
    async with a_peer(gateway, receive_buffer=4_096) as peer:
        peer.send(a_hello(house))
        await peer.hears(Welcome)
        connection = await stalled(gateway, peer)
        for _ in range(4_000):
            peer.send_bytes(bytes(125), Opcode.PING)
        await until(lambda: connection not in gateway.gateway._connections)


async def test_a_reader_who_asks_for_more_than_it_reads_waits_for_its_answers(house: House) -> None:
    gateway = await house.gateway()
    async with Ear(house.visitor(gateway)) as visitor:
        here = visitor.client.conversation
        for number in range(4):
            await visitor.client.post(here, f"{number} {LONG} {number}")
        async with a_peer(gateway, receive_buffer=4_096) as greedy:
            greedy.send(an_agents_hello(await house.ticket(await house.account("Ada"))))
            await until(lambda: len(greedy.frames) >= 2)
            connection = await stalled(gateway, greedy)
            for ref in range(1, 11):
                greedy.send(Watch(ref, here, 0))
            await until(lambda: connection._outlet is not None and connection._outlet._room is not None)
            assert backlog(connection) < outlet.PACED_BYTES + 5 * len(LONG)
            assert connection.is_open
            greedy.read_on()
            await until(lambda: len(greedy.all(Snapshot)) == 10)
