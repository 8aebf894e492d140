"""Posts that a client sends without waiting for the answers: what PROTOCOL.md says becomes of their order."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest

from chat.budgets.rates import MESSAGES
from chat.clock import new_id
from chat.model import Role
from chat.protocol.frames import Accepted, Conduct, Post, Refused, Welcome
from tests.gateway.house import House, RunningGateway
from tests.gateway.raw import RawPeer, a_hello, a_peer
from tests.gateway.waiting import until

pytestmark = pytest.mark.stores

BURST = MESSAGES[Role.VISITOR].burst


def a_post(house: House, here: UUID, ref: int) -> Post:
    return Post(ref, here, new_id(house.stores.clock), f"No. {ref}", Conduct(5_000, ""))


def numbers(peer: RawPeer) -> dict[int, int]:
    """The accepted posts' numbers, by ref."""
    return {frame.ref: frame.seq for frame in peer.all(Accepted)}


async def test_posts_of_one_connection_that_do_not_wait_are_numbered_as_they_came(
    house: House, gateway: RunningGateway
) -> None:
    async with a_peer(gateway) as peer:
        peer.send(a_hello(house))
        here = (await peer.hears(Welcome)).conversation
        for ref in range(1, BURST + 1):
            peer.send(a_post(house, here, ref))
        await until(lambda: len(numbers(peer)) == BURST)
        assert numbers(peer) == {ref: ref for ref in range(1, BURST + 1)}


async def test_one_that_is_refused_with_retry_is_overtaken_by_those_behind_it(
    house: House, gateway: RunningGateway
) -> None:
    async with a_peer(gateway) as peer:
        peer.send(a_hello(house))
        here = (await peer.hears(Welcome)).conversation
        posts = [a_post(house, here, ref) for ref in range(1, BURST + 3)]
        *first, refused, behind = posts
        for post in (*first, refused):
            peer.send(post)
        assert (await peer.hears(Refused)).ref == refused.ref
        for post in (behind, refused):
            while post.ref not in numbers(peer):
                await asyncio.sleep(0.3)  # of the store's clock
                peer.send(post)
        assert numbers(peer)[behind.ref] < numbers(peer)[refused.ref]
        assert [said.body for said in await house.record(here)][-2:] == [behind.text, refused.text]
