"""Too much at once is limited, and then hung up on."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest
from websockets.frames import Frame, Opcode

from chat.budgets.rates import FLOOD_REFUSALS
from chat.clock import new_id
from chat.protocol.catalogue import FLOODING, LIMITED
from chat.protocol.frames import Accepted, Beat, Claim, Conduct, Post, Refused, Tops, Welcome
from gateway.socket.connection import PORTION
from tests.gateway.ear import Ear
from tests.gateway.house import House, RunningGateway
from tests.gateway.raw import RawPeer, a_hello, a_peer
from tests.gateway.waiting import until

pytestmark = pytest.mark.stores


async def test_a_flood_of_frames_is_limited_and_then_hung_up_on(welcomed: RawPeer) -> None:
    for ref in range(1, 400):
        welcomed.send(Beat(ref, []))
    assert await welcomed.closed_with() == FLOODING.code
    assert 39 <= len(welcomed.all(Tops)) <= 45
    limited = welcomed.all(Refused)
    assert {frame.code for frame in limited} == {LIMITED.code}
    assert all(frame.retry_after_ms and frame.then == "retry" for frame in limited)


async def test_a_flood_of_pings_is_hung_up_on(welcomed: RawPeer) -> None:
    for _ in range(400):
        welcomed.send_bytes(b"", Opcode.PING)
    assert await welcomed.closed_with() == FLOODING.code


async def test_of_a_flood_that_comes_in_one_piece_only_the_beginning_is_looked_at(welcomed: RawPeer) -> None:
    ping = Frame(Opcode.PING, b"").serialize(mask=True)
    welcomed.send_raw(ping * 40_000)
    await until(lambda: welcomed.is_cut)
    assert FLOOD_REFUSALS <= len(welcomed.pongs) <= FLOOD_REFUSALS + 2 * PORTION // len(ping)


async def test_over_the_message_budget_a_post_is_limited_and_the_clients_retry_gets_through(
    house: House, gateway: RunningGateway
) -> None:
    async with a_peer(gateway) as peer:
        peer.send(a_hello(house))
        here = (await peer.hears(Welcome)).conversation
        for ref in range(1, 8):
            peer.send(Post(ref, here, new_id(house.stores.clock), f"No. {ref}", Conduct(5_000, "")))
        await until(lambda: len(peer.all(Accepted)) + len(peer.all(Refused)) == 7)
        assert [frame.ref for frame in peer.all(Accepted)] == [1, 2, 3, 4, 5]
        assert [(frame.ref, frame.code) for frame in peer.all(Refused)] == [(6, LIMITED.code), (7, LIMITED.code)]
        first, second = [frame.retry_after_ms or 0 for frame in peer.all(Refused)]
        assert 0 < first <= 1_001 < second <= 2_001

    async with Ear(house.visitor(gateway)) as patient:
        here = patient.client.conversation
        await asyncio.gather(*[patient.client.post(here, f"No. {number}") for number in range(1, 8)])
        await patient.hears_texts(here, *[f"No. {number}" for number in range(1, 8)])


async def test_texts_for_many_conversations_at_once_all_get_through_though_most_are_refused_at_first(
    house: House,
) -> None:
    """As when an agent's outbox goes out after an outage. Refused together, they are told different times."""
    gateway = await house.gateway()
    async with AsyncExitStack() as stack:
        visitors = [await stack.enter_async_context(Ear(house.visitor(gateway))) for _ in range(45)]
        agent = await stack.enter_async_context(Ear(await house.agent(gateway)))
        for visitor in visitors:
            await visitor.client.post(visitor.client.conversation, "Hello?")
            await agent.client.ask(Claim(0, visitor.client.conversation))
            await asyncio.sleep(0.05)  # as the rate of frames allows
        posts = [agent.client.post(visitor.client.conversation, "Here I am.") for visitor in visitors]
        accepted = await asyncio.wait_for(asyncio.gather(*posts), 60)
        assert len(accepted) == 45
        assert agent.client.connects == 1
