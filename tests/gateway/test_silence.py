"""A peer that says nothing is hung up on, and may resume."""

from __future__ import annotations

import pytest

from chat.protocol.catalogue import SILENT
from chat.protocol.frames import Beat, Tops, Welcome
from chat.protocol.session import HEARTBEAT_MS, SILENCE_S
from gateway.socket.connection import CLOSE_S
from gateway.socket.wheel import TICK_S
from tests.clock import ManualClock
from tests.gateway.edge import connections
from tests.gateway.house import House, RunningGateway
from tests.gateway.raw import a_hello, a_peer
from tests.gateway.waiting import until

pytestmark = pytest.mark.stores


async def test_a_peer_that_falls_silent_is_hung_up_on_and_may_resume(
    house: House, timed: RunningGateway, clock: ManualClock
) -> None:
    async with a_peer(timed) as peer:
        peer.send(a_hello(house))
        await peer.hears(Welcome)
        clock.advance(SILENCE_S - 1)
        peer.send(Beat(3, []))
        await peer.hears(Tops)
        clock.advance(SILENCE_S - 1)
        peer.send(Beat(4, []))
        await until(lambda: len(peer.all(Tops)) == 2)
        clock.advance(SILENCE_S + 1)
        assert await peer.closed_with() == SILENT.code
        assert peer.goodbyes == [SILENT.code]
    assert SILENCE_S + TICK_S <= 1.5 * HEARTBEAT_MS / 1000


async def test_a_peer_that_does_not_answer_the_close_is_cut(
    house: House, timed: RunningGateway, clock: ManualClock
) -> None:
    async with a_peer(timed) as peer:
        peer.send(a_hello(house))
        await peer.hears(Welcome)
        await peer.stop_reading()  # half-open: it takes nothing, it says nothing
        clock.advance(SILENCE_S + 1)
        await until(lambda: all(c._closing_since is not None for c in timed.gateway._connections))
        clock.advance(CLOSE_S + 0.1)
        await until(lambda: connections(timed) == 0)
