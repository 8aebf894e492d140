"""A peer that says what it likes: bytes, frames in pieces, nothing at all."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeVar

from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.typing import Origin, Subprotocol
from websockets.uri import parse_uri

from chat.protocol.codec import CODECS, MSGPACK
from chat.protocol.frames import ClientFrame, Goodbye, Hello, HelloAgent, ServerFrame
from tests.gateway.house import FIREFOX, PAGE, House, RunningGateway
from tests.gateway.waiting import until

Wanted = TypeVar("Wanted", bound=ServerFrame)


class RawPeer:
    """A WebSocket client without manners. ``reads`` can be switched off: then what it is sent stays in the network."""

    def __init__(self, url: str, subprotocol: str | None, origin: str | None, user_agent: str) -> None:
        offered = [Subprotocol(subprotocol)] if subprotocol else None
        self._codec = CODECS.get(subprotocol or "", MSGPACK)
        self._protocol = ClientProtocol(
            parse_uri(url), origin=Origin(origin) if origin else None, subprotocols=offered, max_size=2**24
        )
        self._user_agent = user_agent
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter
        self._task: asyncio.Task[None] | None = None
        self.port = 0
        self.status: int | None = None
        self.pongs: list[bytes] = []
        self.frames: list[ServerFrame] = []
        self.is_cut = False

    async def open(self, port: int, *, receive_buffer: int | None = None, segment: int | None = None) -> None:
        """Connect and shake hands. ``segment``: bytes in a packet, as on a real network; on loopback it is 64 KiB."""
        own = socket.socket()
        if receive_buffer:
            own.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        if segment:
            own.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, segment)
        own.setblocking(False)
        await asyncio.get_running_loop().sock_connect(own, ("127.0.0.1", port))
        self.port = own.getsockname()[1]
        self._reader, self._writer = await asyncio.open_connection(sock=own, limit=1024)
        request = self._protocol.connect()
        self._protocol.send_request(request)
        (data,) = self._protocol.data_to_send()
        self._writer.write(
            data.removesuffix(b"\r\n") + b"User-Agent: " + self._user_agent.encode("latin-1") + b"\r\n\r\n"
        )
        self.read_on()
        await until(lambda: self.status is not None)

    def read_on(self) -> None:
        """Read what comes, from now on."""
        self._task = asyncio.create_task(self._read())

    async def stop_reading(self) -> None:
        assert self._task is not None
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    async def _read(self) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await self._reader.read(65_536):
                self._protocol.receive_data(data)
                self._take()
        self.is_cut = True

    def _take(self) -> None:
        for event in self._protocol.events_received():
            if isinstance(event, Response):
                self.status = event.status_code
            elif isinstance(event, Frame) and event.opcode in (Opcode.TEXT, Opcode.BINARY):
                self.frames.append(self._codec.decode_server(bytes(event.data)))
            elif isinstance(event, Frame) and event.opcode is Opcode.PONG:
                self.pongs.append(bytes(event.data))
        for data in self._protocol.data_to_send():
            if data:
                self._writer.write(data)

    # --- saying ---------------------------------------------------------------------------------------------------

    def send(self, frame: ClientFrame) -> None:
        self.send_bytes(self._codec.encode(frame))

    def send_bytes(self, data: bytes, opcode: Opcode = Opcode.BINARY, *, fin: bool = True) -> None:
        frame = Frame(opcode, data, fin=fin)
        self._writer.write(frame.serialize(mask=True))

    def send_raw(self, data: bytes) -> None:
        self._writer.write(data)

    async def hang_up(self) -> None:
        """Gone without a word."""
        self._writer.transport.abort()
        with contextlib.suppress(ConnectionError):
            await self._writer.wait_closed()

    # --- hearing --------------------------------------------------------------------------------------------------

    def all(self, kind: type[Wanted]) -> list[Wanted]:
        return [frame for frame in self.frames if isinstance(frame, kind)]

    async def hears(self, kind: type[Wanted]) -> Wanted:
        await until(lambda: self.all(kind))
        return self.all(kind)[-1]

    async def closed_with(self) -> int | None:
        """The code of the server's close, once the connection has ended; None: it was cut without a word."""
        await until(lambda: self.is_cut)
        return self._protocol.close_rcvd.code if self._protocol.close_rcvd else None

    @property
    def goodbyes(self) -> list[int]:
        return [frame.code for frame in self.all(Goodbye)]


@asynccontextmanager
async def a_peer(
    gateway: RunningGateway,
    *,
    subprotocol: str | None = MSGPACK.subprotocol,
    origin: str | None = None,
    user_agent: str = FIREFOX,
    receive_buffer: int | None = None,
    segment: int | None = None,
) -> AsyncIterator[RawPeer]:
    """A peer that is connected, and is gone afterwards."""
    peer = RawPeer(gateway.url, subprotocol, origin, user_agent)
    await peer.open(gateway.port, receive_buffer=receive_buffer, segment=segment)
    try:
        yield peer
    finally:
        await peer.hang_up()
        await peer.stop_reading()


def a_hello(house: House, **fields: object) -> Hello:
    """A visitor's first frame."""
    values = {"ref": 1, "site": house.site.id, "token": None, "page": PAGE, "conversation": None, "position": 0}
    return Hello(**{**values, **fields})  # type: ignore[arg-type]


def an_agents_hello(ticket: str) -> HelloAgent:
    """An agent's first frame."""
    return HelloAgent(1, ticket, [], True)


def some_ticket() -> str:
    """A ticket that nobody gave."""
    return secrets.token_urlsafe(24)
