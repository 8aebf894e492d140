"""What is no frame, is not this peer's to send, or fails here: the connection ends, and no other does."""

from __future__ import annotations

from uuid import UUID

import pytest

from chat.clock import new_id
from chat.model import Account
from chat.protocol.catalogue import AWAY, BAD_FRAME
from chat.protocol.codec import MSGPACK
from chat.protocol.frames import Beat, Claim, Conduct, Introduce, Post, Tops, Typing, Welcome, WelcomeAgent
from tests.gateway.house import House, RunningGateway
from tests.gateway.raw import RawPeer, a_hello, a_peer, an_agents_hello

pytestmark = pytest.mark.stores


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xc1",
        b"\x90",
        b"\xdd\xff\xff\xff\xff",
        MSGPACK.encode(Typing(0, UUID(int=1), True))[:9],
        b"\x92\xcc\xc8\x00",
    ],
    ids=["nothing", "no msgpack", "empty", "a huge claim", "cut off", "unknown kind"],
)
async def test_what_is_no_frame_closes_the_connection_for_good(welcomed: RawPeer, data: bytes) -> None:
    welcomed.send_bytes(data)
    assert await welcomed.closed_with() == BAD_FRAME.code


async def test_a_visitor_who_sends_an_agents_frames_is_hung_up_on(welcomed: RawPeer) -> None:
    welcomed.send(Claim(1, welcomed.all(Welcome)[0].conversation))
    assert await welcomed.closed_with() == BAD_FRAME.code


async def test_an_agent_who_sends_a_visitors_frames_is_hung_up_on(
    house: House, gateway: RunningGateway, ada: Account
) -> None:
    async with a_peer(gateway) as peer:
        peer.send(an_agents_hello(await house.ticket(ada)))
        await peer.hears(WelcomeAgent)
        peer.send(Introduce(1, "me", ""))
        assert await peer.closed_with() == BAD_FRAME.code


async def test_a_frame_that_fails_here_closes_its_own_connection_only(
    house: House, gateway: RunningGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with a_peer(gateway) as unlucky, a_peer(gateway) as other:
        for peer in (unlucky, other):
            peer.send(a_hello(house))
            await peer.hears(Welcome)

        async def broken(*_: object, **__: object) -> None:
            raise ValueError("a mistake of ours")

        monkeypatch.setattr(gateway.gateway.parts.delivery, "deliver", broken)
        here = unlucky.all(Welcome)[0].conversation
        unlucky.send(Post(3, here, new_id(house.stores.clock), "Hello?", Conduct(5_000, "")))
        assert await unlucky.closed_with() == AWAY.code
        assert unlucky.goodbyes == [AWAY.code]
        other.send(Beat(3, []))
        await other.hears(Tops)
