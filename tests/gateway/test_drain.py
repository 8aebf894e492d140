"""Many clients leave a gateway that stops in small steps, and are served until their turn comes."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest

from chat.protocol.catalogue import DRAINING
from chat.protocol.frames import Beat, Goodbye, Tops, Welcome
from gateway.socket import drain
from tests.gateway.house import House
from tests.gateway.raw import RawPeer, a_hello, a_peer
from tests.gateway.waiting import until

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
