"""A sign-in that ends closes its connections, and no others."""

from __future__ import annotations

import asyncio

import pytest

from chat.model import Account
from chat.protocol.catalogue import SIGNED_OUT
from chat.protocol.facts import EVERYBODY, SignedOut, encode_fact
from chat.protocol.frames import Beat, Tops, WelcomeAgent
from tests.gateway.house import House, RunningGateway
from tests.gateway.raw import a_peer, an_agents_hello
from tests.gateway.waiting import until

pytestmark = pytest.mark.stores


async def test_a_sign_in_that_ends_closes_its_sockets_within_a_second(
    house: House, gateway: RunningGateway, ada: Account
) -> None:
    async with a_peer(gateway) as mine, a_peer(gateway) as other:
        mine.send(an_agents_hello(await house.ticket(ada)))
        other.send(an_agents_hello(await house.ticket(await house.account("Bob"))))
        await mine.hears(WelcomeAgent)
        await other.hears(WelcomeAgent)
        await house.stores.bus.publish(EVERYBODY, encode_fact(SignedOut(ada.id, "")))
        async with asyncio.timeout(1):
            assert await mine.closed_with() == SIGNED_OUT.code
        assert mine.goodbyes == [SIGNED_OUT.code]
        other.send(Beat(5, []))
        await other.hears(Tops)


async def test_only_the_sign_in_that_ended_is_closed(house: House, gateway: RunningGateway, ada: Account) -> None:
    async with a_peer(gateway) as here, a_peer(gateway) as there:
        for peer in (here, there):
            peer.send(an_agents_hello(await house.ticket(ada)))
            await peer.hears(WelcomeAgent)
        sign_ins = [c.party.sign_in.id for c in gateway.gateway._connections if c.party]  # type: ignore[attr-defined]
        assert len(set(sign_ins)) == 2
        await house.stores.bus.publish(EVERYBODY, encode_fact(SignedOut(ada.id, sign_ins[0])))
        await until(lambda: here.is_cut or there.is_cut)
        rest = there if here.is_cut else here
        rest.send(Beat(5, []))
        await rest.hears(Tops)


async def test_a_sign_in_that_ended_unheard_is_noticed_by_a_later_heartbeat(
    house: House, gateway: RunningGateway, ada: Account
) -> None:
    async with a_peer(gateway) as peer:
        peer.send(an_agents_hello(await house.ticket(ada)))
        await peer.hears(WelcomeAgent)
        await house.stores.sign_ins.end_all(ada.id)
        for _ in range(4):
            peer.send(Beat(0, []))
        assert await peer.closed_with() == SIGNED_OUT.code
