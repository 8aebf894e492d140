"""The HTTP request that becomes a WebSocket, or does not."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace

import pytest

from gateway.socket.connection import HANDSHAKE_S
from tests.clock import ManualClock
from tests.gateway.edge import connections
from tests.gateway.house import RunningGateway
from tests.gateway.raw import a_peer
from tests.gateway.waiting import until

pytestmark = pytest.mark.stores


async def test_a_request_without_our_subprotocol_is_answered_with_400(gateway: RunningGateway) -> None:
    for offered in (None, "chat"):
        async with a_peer(gateway, subprotocol=offered) as peer:
            assert peer.status == 400
            await until(lambda peer=peer: peer.is_cut)  # type: ignore[misc]


async def test_other_paths_are_no_websockets(gateway: RunningGateway) -> None:
    elsewhere = replace(gateway, url=gateway.url + "/chat")
    async with a_peer(elsewhere) as peer:
        assert peer.status == 404


async def test_a_peer_that_never_finishes_its_handshake_is_cut(timed: RunningGateway, clock: ManualClock) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", timed.port)
    writer.write(b"GET / HTTP/1.1\r\nHost: here\r\n")
    await until(lambda: connections(timed) == 1)
    clock.advance(HANDSHAKE_S + 0.1)
    await until(lambda: connections(timed) == 0)
    with contextlib.suppress(ConnectionError):
        assert await reader.read() == b""
    writer.close()


async def test_what_is_no_http_is_cut(gateway: RunningGateway) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    writer.write(b"\x16\x03\x01\x02\x00 a TLS hello\r\n\r\n")
    assert await reader.read() == b""
    await until(lambda: connections(gateway) == 0)
    writer.close()
