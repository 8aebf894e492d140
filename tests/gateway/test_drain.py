"""A gateway that stops: clients leave in small steps, are served until their turn comes, and lose nothing."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest

from chat.clock import new_id
from chat.protocol.catalogue import DRAINING
from chat.protocol.frames import Accepted, Beat, Conduct, Goodbye, Post, Tops, Welcome
from gateway.socket import drain
from tests.gateway.ear import Ear
from tests.gateway.house import House
from tests.gateway.raw import RawPeer, a_hello, a_peer
from tests.gateway.waiting import until

pytestmark = pytest.mark.stores

CROWD = 12


async def test_clients_leave_a_few_at_a_time_and_the_others_are_served_meanwhile(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drain, "MOVED_A_SECOND", 20)  # one each step
    gateway = await house.gateway()
    async with AsyncExitStack() as crowd:
        peers: list[RawPeer] = [await crowd.enter_async_context(a_peer(gateway)) for _ in range(CROWD)]
        for peer in peers:
            peer.send(a_hello(house))
            await peer.hears(Welcome)
        stopped = asyncio.create_task(gateway.drain())
        await until(lambda: any(peer.all(Goodbye) for peer in peers))
        staying = [peer for peer in peers if not peer.all(Goodbye)]
        assert len(staying) >= CROWD // 2
        for peer in staying:
            peer.send(Beat(9, []))
        await until(lambda: any(peer.all(Tops) for peer in staying))
        await stopped
        for peer in peers:
            (goodbye,) = peer.all(Goodbye)
            assert 0 <= goodbye.after_ms < drain.PAUSE_MS
            assert await peer.closed_with() == DRAINING.code


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
