"""What an agent's console may ask for at once after a reload, and what a flood of it comes to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from uuid import UUID

import pytest

from chat.budgets.rates import AGENT_FRAMES, FLOOD_REFUSALS, FRAMES, HISTORY, WATCHES
from chat.protocol.catalogue import FLOODING, LIMITED
from chat.protocol.frames import Beat, History, Mark, Queue, Refused, Snapshot, Tops, Unwatch, Watch, Welcome
from gateway.socket.agent import FOLLOWED
from tests.clock import ManualClock
from tests.gateway.house import House, RunningGateway
from tests.gateway.raw import RawPeer, a_hello, a_peer, an_agents_hello
from tests.gateway.waiting import until

pytestmark = pytest.mark.stores

OWN = 40


@asynccontextmanager
async def an_agent(house: House, gateway: RunningGateway) -> AsyncIterator[RawPeer]:
    """Ada's connection, welcomed and without manners."""
    async with a_peer(gateway) as peer:
        peer.send(an_agents_hello(await house.ticket(await house.account("Ada"))))
        await peer.hears(Queue)
        yield peer


async def conversations(house: House, gateway: RunningGateway, count: int) -> list[UUID]:
    """Begun by as many visitors, who left again."""

    async def begun() -> UUID:
        async with house.visitor(gateway) as visitor:
            await visitor.post(visitor.conversation, f"Where is parcel {visitor.conversation.hex[:6]}?")
            return visitor.conversation

    return await asyncio.gather(*[begun() for _ in range(count)])


async def test_a_console_that_is_loaded_anew_follows_forty_conversations_at_once(
    house: House, gateway: RunningGateway
) -> None:
    own = await conversations(house, gateway, OWN)
    async with an_agent(house, gateway) as peer:
        for ref, conversation in enumerate(own, 2):
            peer.send(Watch(ref, conversation, 0))
            peer.send(Mark(0, conversation, 1, 0))
        peer.send(Beat(500, [(conversation, 0) for conversation in own]))
        await until(lambda: len(peer.all(Snapshot)) == OWN)
        await peer.hears(Tops)
    assert peer.all(Refused) == []
    assert {frame.conversation.conversation for frame in peer.all(Snapshot)} == set(own)
    assert WATCHES.burst >= FOLLOWED
    assert AGENT_FRAMES.burst >= 2 * FOLLOWED


async def test_who_goes_through_many_conversations_is_slowed_down_and_told_when_to_go_on(house: House) -> None:
    clock = ManualClock()
    gateway = await house.gateway(change=lambda parts: replace(parts, clock=clock))
    (here,) = await conversations(house, gateway, 1)
    over = 3
    async with an_agent(house, gateway) as peer:
        for ref in range(2, WATCHES.burst + 2 + over):
            peer.send(Watch(ref, here, 1))
            peer.send(Unwatch(0, here))
        await until(lambda: len(peer.all(Snapshot)) + len(peer.all(Refused)) == WATCHES.burst + over)
        refused = peer.all(Refused)
        assert {(frame.code, frame.then) for frame in refused} == {(LIMITED.code, "retry")}
        assert len(refused) == over
        waits = [frame.retry_after_ms or 0 for frame in refused]
        assert waits == sorted(set(waits)), "each is told another time"
        assert 0 < waits[0] <= WATCHES.period_ms + 1
        clock.advance(waits[0] / 1000)
        peer.send(Watch(999, here, 1))
        await until(lambda: any(frame.ref == 999 for frame in peer.all(Snapshot)))


async def test_a_flood_of_watches_is_refused_and_then_hung_up_on(house: House, gateway: RunningGateway) -> None:
    (here,) = await conversations(house, gateway, 1)
    async with an_agent(house, gateway) as peer:
        for ref in range(2, 2 * (AGENT_FRAMES.burst + FLOOD_REFUSALS)):
            peer.send(Watch(ref, here, 1))
        assert await peer.closed_with() == FLOODING.code
        assert len(peer.all(Snapshot)) <= WATCHES.burst + 20


async def test_older_messages_have_a_budget_of_their_own_which_stays_as_it_is(
    house: House, gateway: RunningGateway
) -> None:
    (here,) = await conversations(house, gateway, 1)
    async with an_agent(house, gateway) as peer:
        peer.send(Watch(2, here, 0))
        await peer.hears(Snapshot)
        for ref in range(3, 3 + HISTORY.burst + 5):
            peer.send(History(ref, here, 2))
        await until(lambda: len(peer.all(Snapshot)) + len(peer.all(Refused)) == 1 + HISTORY.burst + 5)
        assert {frame.code for frame in peer.all(Refused)} == {LIMITED.code}
        assert len(peer.all(Refused)) >= 1


async def test_a_visitors_frames_are_as_few_as_before(house: House, gateway: RunningGateway) -> None:
    async with a_peer(gateway) as peer:
        peer.send(a_hello(house))
        await peer.hears(Welcome)
        for ref in range(2, 2 + AGENT_FRAMES.burst):
            peer.send(Beat(ref, []))
        await until(lambda: len(peer.all(Tops)) + len(peer.all(Refused)) == AGENT_FRAMES.burst)
        assert len(peer.all(Tops)) <= FRAMES.burst + 10
