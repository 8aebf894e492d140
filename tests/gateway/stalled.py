"""A reader that does not read, and the gateway's side of its connection."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from chat.protocol.frames import Claim, Snapshot
from gateway.socket.connection import Connection
from tests.gateway.ear import Ear
from tests.gateway.house import House, RunningGateway
from tests.gateway.raw import RawPeer, a_hello, a_peer

LONG = "All work and no play makes Jack a dull boy. " * 180


def connection_of(gateway: RunningGateway, peer: RawPeer) -> Connection:
    """The gateway's side of this peer's connection."""
    port = peer.port
    return next(
        connection
        for connection in gateway.gateway._connections
        if connection._transport and connection._transport.get_extra_info("peername")[1] == port
    )


def backlog(connection: Connection) -> int:
    assert connection._transport is not None
    return connection._transport.get_write_buffer_size()


async def stalled(gateway: RunningGateway, peer: RawPeer) -> Connection:
    """The peer stops reading, and the network between holds next to nothing."""
    connection = connection_of(gateway, peer)
    assert connection._transport is not None
    connection._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)
    await peer.stop_reading()
    return connection


@asynccontextmanager
async def a_stalled_tab(
    house: House, gateway: RunningGateway, visitor: Ear, agent: Ear
) -> AsyncIterator[tuple[RawPeer, Connection]]:
    """The agent claims what the visitor begins; a second tab of the visitor's is shown so much, and reads no more."""
    here = visitor.client.conversation
    await visitor.client.post(here, "Hello?")
    await agent.client.ask(Claim(0, here))
    async with a_peer(gateway, receive_buffer=4_096) as tab:
        tab.send(a_hello(house, token=visitor.client.token))
        await tab.hears(Snapshot)
        yield tab, await stalled(gateway, tab)
