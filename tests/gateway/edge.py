"""The outside of a gateway: who is connected, and how somebody is turned away."""

from __future__ import annotations

from chat.protocol.catalogue import Closure
from chat.protocol.frames import Welcome
from tests.gateway.house import RunningGateway
from tests.gateway.raw import RawPeer

SHOP = "https://shop.example"
OURS = "http://localhost:8000"


def connections(gateway: RunningGateway) -> int:
    return len(gateway.gateway._connections)


async def turned_away(peer: RawPeer, closure: Closure) -> None:
    assert await peer.closed_with() == closure.code
    assert peer.goodbyes in ([closure.code], [])
    assert not peer.all(Welcome)
