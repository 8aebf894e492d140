"""WebSocket's own frames: pieces, pings, sizes and closes."""

from __future__ import annotations

import pytest
from websockets.frames import Opcode

from chat.clock import new_id
from chat.protocol.catalogue import BAD_FRAME
from chat.protocol.codec import MSGPACK
from chat.protocol.frames import Accepted, Conduct, Post, Welcome
from gateway.socket.intake import FRAGMENTS
from tests.gateway.edge import connections
from tests.gateway.house import House, RunningGateway
from tests.gateway.raw import RawPeer
from tests.gateway.waiting import until

pytestmark = pytest.mark.stores


@pytest.mark.parametrize("pieces", [1, 3])
async def test_a_frame_of_more_than_64_kib_is_refused_by_the_websocket(welcomed: RawPeer, pieces: int) -> None:
    size = 64 * 1024 // pieces + 1
    for number in range(pieces):
        opcode = Opcode.BINARY if number == 0 else Opcode.CONT
        welcomed.send_bytes(bytes(size), opcode, fin=number == pieces - 1)
    assert await welcomed.closed_with() == 1009


async def test_a_message_in_pieces_is_put_together(house: House, welcomed: RawPeer) -> None:
    here = welcomed.all(Welcome)[0].conversation
    data = MSGPACK.encode(Post(9, here, new_id(house.stores.clock), "in three pieces", Conduct(5_000, "")))
    welcomed.send_bytes(data[:10], Opcode.BINARY, fin=False)
    welcomed.send_bytes(b"between", Opcode.PING)
    welcomed.send_bytes(data[10:40], Opcode.CONT, fin=False)
    welcomed.send_bytes(data[40:], Opcode.CONT)
    accepted = await welcomed.hears(Accepted)
    assert (accepted.ref, welcomed.pongs) == (9, [b"between"])
    assert [message.body for message in await house.record(here)] == ["in three pieces"]


async def test_a_message_in_ever_more_pieces_is_refused(welcomed: RawPeer) -> None:
    welcomed.send_bytes(b"", Opcode.BINARY, fin=False)
    for _ in range(FRAGMENTS):
        welcomed.send_bytes(b"", Opcode.CONT, fin=False)
    assert await welcomed.closed_with() == BAD_FRAME.code


async def test_a_compressed_frame_is_refused_by_the_websocket(welcomed: RawPeer) -> None:
    welcomed.send_raw(b"\xc2\x87" + bytes(4) + b"\xca\x48\xcd\xc9\xc9\x07\x00")  # FIN and RSV1, masked with zeros
    assert await welcomed.closed_with() == 1002


async def test_an_unmasked_frame_is_refused_by_the_websocket(welcomed: RawPeer) -> None:
    welcomed.send_raw(b"\x82\x01\x90")
    assert await welcomed.closed_with() == 1002


async def test_a_ping_is_answered_with_its_own_bytes(welcomed: RawPeer) -> None:
    welcomed.send_bytes(b"are you there", Opcode.PING)
    await until(lambda: welcomed.pongs == [b"are you there"])


async def test_a_peer_that_closes_first_is_answered(gateway: RunningGateway, welcomed: RawPeer) -> None:
    welcomed.send_bytes((1000).to_bytes(2, "big"), Opcode.CLOSE)
    assert await welcomed.closed_with() == 1000
    await until(lambda: connections(gateway) == 0)
