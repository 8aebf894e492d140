"""Readers that do not read, stores that are away, gateways that stop."""

from __future__ import annotations

import asyncio
import http.client
import socket
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr
from websockets.frames import Opcode

from chat.clock import new_id
from chat.errors import Unavailable
from chat.ports import Rate
from chat.protocol.catalogue import AWAY, DRAINING, SLOW, UNAVAILABLE
from chat.protocol.frames import (
    Accepted,
    Beat,
    Claim,
    Conduct,
    Goodbye,
    Message,
    Post,
    Refused,
    Snapshot,
    Tops,
    Typing,
    TypingNow,
    Watch,
    Welcome,
)
from config.local import redis as local_redis
from config.local.stores import REDIS
from config.settings import Settings
from gateway.socket import drain, intake, outlet, server
from gateway.socket.connection import Connection
from gateway.socket.outlet import WRITE_BYTES
from tests.gateway.ear import Ear
from tests.gateway.house import House, RunningGateway, a_house
from tests.gateway.raw import RawPeer, a_hello, a_peer, an_agents_hello
from tests.gateway.waiting import until
from tests.storage.killable import KillableStore

pytestmark = pytest.mark.stores

LONG = "All work and no play makes Jack a dull boy. " * 180


def connection_of(gateway: RunningGateway, peer: RawPeer) -> Connection:
    """The gateway's side of this peer's connection."""
    port = peer.port
    return next(
        connection
        for connection in gateway.gateway._connections
        if connection._transport and connection._transport.get_extra_info("peername")[1] == port
    )


def backlog(connection: Connection) -> int:
    assert connection._transport is not None
    return connection._transport.get_write_buffer_size()


async def stalled(gateway: RunningGateway, peer: RawPeer) -> Connection:
    """The peer stops reading, and the network between holds next to nothing."""
    connection = connection_of(gateway, peer)
    assert connection._transport is not None
    connection._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)
    await peer.stop_reading()
    return connection


# --- slow readers ---------------------------------------------------------------------------------------------------


async def test_a_reader_who_stops_is_closed_as_slow_with_bounded_memory_and_others_do_not_notice(
    house: House,
) -> None:
    gateway = await house.gateway()
    async with Ear(house.visitor(gateway)) as visitor, Ear(await house.agent(gateway)) as agent:
        here = visitor.client.conversation
        await visitor.client.post(here, "Hello?")
        await agent.client.ask(Claim(0, here))
        async with a_peer(gateway, receive_buffer=4_096) as slow:
            slow.send(a_hello(house, token=visitor.client.token))
            await slow.hears(Snapshot)
            connection = await stalled(gateway, slow)
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
        await visitor.client.post(here, "Hello?")
        await agent.client.ask(Claim(0, here))
        async with a_peer(gateway, receive_buffer=4_096) as slow:
            slow.send(a_hello(house, token=visitor.client.token))
            await slow.hears(Snapshot)
            connection = await stalled(gateway, slow)
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
        await visitor.client.post(here, "Hello?")
        await agent.client.ask(Claim(0, here))
        async with a_peer(gateway, receive_buffer=4_096) as slow:
            slow.send(a_hello(house, token=visitor.client.token))
            await slow.hears(Snapshot)
            connection = await stalled(gateway, slow)
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


# --- health ---------------------------------------------------------------------------------------------------------


async def health(gateway: RunningGateway, path: str) -> tuple[int, str]:
    def ask() -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=5)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    return await asyncio.to_thread(ask)


async def test_a_gateway_is_alive_and_ready(house: House) -> None:
    gateway = await house.gateway()
    assert await health(gateway, "/healthz") == (200, "alive\n")
    assert await health(gateway, "/readyz") == (200, "ready\n")
    assert (await health(gateway, "/"))[0] == 426


async def test_a_store_that_is_away_is_named_until_it_is_back(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "CHECK_S", 0.05)
    with KillableStore(REDIS, tmp_path) as redis:
        await redis.start()
        own = settings.model_copy(update={"redis_url": SecretStr(local_redis.url(tmp_path))})
        async with a_house(own) as house:
            gateway = await house.gateway()
            async with a_peer(gateway) as peer:
                peer.send(a_hello(house))
                here = (await peer.hears(Welcome)).conversation
                redis.kill()
                await until(lambda: gateway.gateway.away() == ["bus", "redis"])
                assert await health(gateway, "/readyz") == (503, "away: bus, redis\n")
                assert await health(gateway, "/healthz") == (200, "alive\n")
                peer.send(Post(5, here, new_id(house.stores.clock), "Hello?", Conduct(5_000, "")))
                refused = await peer.hears(Refused)
                assert (refused.ref, refused.code, refused.then) == (5, UNAVAILABLE.code, "retry")
                async with a_peer(gateway) as late:
                    late.send(a_hello(house))
                    assert await late.closed_with() == AWAY.code
                await redis.start()
                await until(lambda: not gateway.gateway.away())
                assert (await health(gateway, "/readyz"))[0] == 200
                peer.send(Post(6, here, new_id(house.stores.clock), "Hello!", Conduct(5_000, "")))
                assert (await peer.hears(Accepted)).ref == 6


async def test_a_store_that_hangs_makes_no_other_look_away(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "CHECK_S", 0.01)
    hanging = asyncio.Event()

    async def away() -> None:
        raise Unavailable("not now")

    async def hang() -> None:
        await hanging.wait()

    gateway = await house.gateway(change=lambda parts: replace(parts, pings={**parts.pings}))
    pings = gateway.gateway.parts.pings
    assert isinstance(pings, dict)
    pings.update(mongodb=hang, redis=away)
    await until(lambda: gateway.gateway.away() == ["redis"])
    hanging.set()


# --- stopping -------------------------------------------------------------------------------------------------------


async def test_a_gateway_that_stops_says_when_to_come_back_and_loses_nothing_it_accepted(house: House) -> None:
    stopping, staying = await house.gateway(), await house.gateway()
    async with Ear(house.visitor(stopping)) as visitor, a_peer(stopping) as idle:
        idle.send(a_hello(house))
        await idle.hears(Welcome)
        here = visitor.client.conversation
        posts = [asyncio.create_task(visitor.client.post(here, f"No. {number}")) for number in range(5)]
        await posts[0]
        await stopping.drain()
        assert await idle.closed_with() == DRAINING.code
        (goodbye,) = idle.all(Goodbye)
        assert (goodbye.code, goodbye.then) == (DRAINING.code, "resume")
        assert 0 <= goodbye.after_ms < drain.PAUSE_MS
        accepted = [post.result().seq for post in posts if post.done()]
        assert [message.seq for message in await house.record(here)][: len(accepted)] == accepted
        for post in posts:
            post.cancel()
    async with Ear(house.visitor(staying, token=visitor.client.token)) as again:
        await until(lambda: len(again.messages(here)) >= len(accepted))


async def test_what_a_draining_gateway_was_sent_before_it_is_still_answered(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway = await house.gateway()
    append = gateway.stores.messages.append
    slowly = asyncio.Event()

    async def slow(*arguments: object) -> object:
        await slowly.wait()
        return await append(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(gateway.stores.messages, "append", slow)
    async with a_peer(gateway) as peer:
        peer.send(a_hello(house))
        here = (await peer.hears(Welcome)).conversation
        peer.send(Post(7, here, new_id(house.stores.clock), "Just in time", Conduct(5_000, "")))
        peer.send(Beat(8, []))
        await peer.hears(Tops)
        stopped = asyncio.create_task(gateway.drain())
        await peer.hears(Goodbye)
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", gateway.port)
        slowly.set()
        assert (await peer.hears(Accepted)).ref == 7
        assert await peer.closed_with() == DRAINING.code
        await stopped
    assert [message.body for message in await house.record(here)] == ["Just in time"]


async def test_clients_of_a_gateway_that_stops_come_back_and_their_outbox_goes_out(house: House) -> None:
    first = await house.gateway()
    async with Ear(house.visitor(first)) as visitor:
        here = visitor.client.conversation
        await visitor.client.post(here, "before")
        await first.drain()
        waiting = asyncio.create_task(visitor.client.post(here, "meanwhile"))
        await house.gateway(first.port)
        assert (await waiting).seq == 2
        await visitor.hears_texts(here, "before", "meanwhile")
