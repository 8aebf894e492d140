"""One WebSocket client (RFC 6455) on a bare socket: what a load generator needs of it, and nothing more."""

from __future__ import annotations

import base64
import contextlib
import select
import socket
import struct
from collections.abc import Callable
from typing import TYPE_CHECKING

from websockets.speedups import apply_mask

if TYPE_CHECKING:
    from tests.bench.load.loop import Loop

_MASK = b"\x37\xfa\x21\x3d"
"""Any but zero: some servers skip unmasking by zeros, and a browser's mask is never that kind."""
_KEY = base64.b64encode(b"a key of 16 byte").decode()
_READ_BYTES = 256 * 1024
_BIND_ADDRESS_NO_PORT = 24
"""``IP_BIND_ADDRESS_NO_PORT`` (ip(7)): the port is chosen when connecting, so that many may share one."""
_RESET = struct.pack("ii", 1, 0)
TEXT, BINARY = 0x1, 0x2
_CLOSE, _PING, _PONG = 0x8, 0x9, 0xA

Address = tuple[str, int]


class Line:
    """A client connection. ``take`` is called with each message's payload; ``lost`` when the server hung up.

    Both run inside the loop's turn and must not wait.
    """

    __slots__ = ("_lost", "_opened", "_rest", "_socket", "_to_write", "fd", "is_open", "loop", "take")

    def __init__(
        self,
        loop: Loop,
        address: Address,
        request: bytes,
        *,
        opened: Callable[[Line], None],
        lost: Callable[[Line, str], None],
        source: str | None = None,
    ) -> None:
        self.loop = loop
        self.take: Callable[[bytes], None] = _ignore
        self.is_open = False
        self._opened = opened
        self._lost = lost
        self._rest = b""
        self._to_write = bytearray(request)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if source:
            self._socket.setsockopt(socket.IPPROTO_IP, _BIND_ADDRESS_NO_PORT, 1)
            self._socket.bind((source, 0))
        self.fd = self._socket.fileno()
        self._socket.connect_ex(address)
        loop.add(self)

    # --- from the loop ----------------------------------------------------------------------------------------------

    def ready(self, events: int) -> None:
        """The socket can be read or written, or is gone."""
        if events & select.EPOLLOUT:
            self._write_on()
        if events & (select.EPOLLIN | select.EPOLLHUP | select.EPOLLERR):
            self._read()

    def _write_on(self) -> None:
        try:
            sent = self._socket.send(self._to_write)
        except BlockingIOError:
            return None
        except OSError as error:
            return self._end(error.strerror or "cannot write")
        del self._to_write[:sent]
        if not self._to_write:
            self.loop.change(self, select.EPOLLIN)
        return None

    def _read(self) -> None:
        try:
            data = self._socket.recv(_READ_BYTES)
        except BlockingIOError:
            return None
        except OSError as error:
            return self._end(error.strerror or "cannot read")
        if not data:
            return self._end("the server hung up")
        if self._rest:
            data = self._rest + data
        self._rest = self._frames(data) if self.is_open else self._handshake(data)
        return None

    def _handshake(self, data: bytes) -> bytes:
        head, end, rest = data.partition(b"\r\n\r\n")
        if not end:
            return data
        if not head.startswith(b"HTTP/1.1 101"):
            self._end(head.split(b"\r\n", 1)[0].decode("latin-1"))
            return b""
        self.is_open = True
        self._opened(self)
        return self._frames(rest) if rest else b""

    def _frames(self, data: bytes) -> bytes:
        """Take every whole frame in ``data``; what is left is the start of the next one. Servers do not fragment."""
        at, end = 0, len(data)
        while end - at >= 2:
            length, start = data[at + 1], at + 2
            if length == 126:
                length, start = int.from_bytes(data[start : start + 2], "big"), start + 2
            elif length == 127:
                length, start = int.from_bytes(data[start : start + 8], "big"), start + 8
            if start + length > end:
                break
            self._frame(data[at] & 0x0F, data[start : start + length])
            at = start + length
        return data[at:] if at else data

    def _frame(self, opcode: int, payload: bytes) -> None:
        if opcode <= BINARY:
            self.take(payload)
        elif opcode == _PING:
            self.send(frame(_PONG, payload))
        elif opcode == _CLOSE:
            self._end(f"closed with {int.from_bytes(payload[:2], 'big')}")

    # --- from the measure -------------------------------------------------------------------------------------------

    def send(self, wire: bytes) -> None:
        """Write a whole frame. What the kernel does not take goes later."""
        if self._to_write:
            self._to_write += wire
            return None
        try:
            sent = self._socket.send(wire)
        except BlockingIOError:
            sent = 0
        except OSError as error:
            return self._end(error.strerror or "cannot write")
        if sent < len(wire):
            self._to_write += wire[sent:]
            self.loop.change(self, select.EPOLLIN | select.EPOLLOUT)
        return None

    def cut(self) -> None:
        """Drop the connection with a reset, as a proxy does that dies: no word, no TIME_WAIT on either side."""
        if self._socket.fileno() >= 0:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            self._close()

    def _end(self, reason: str) -> None:
        if self._socket.fileno() >= 0:
            self._close()
            self._lost(self, reason)

    def _close(self) -> None:
        self.is_open = False
        self.loop.remove(self)
        with contextlib.suppress(OSError):
            self._socket.close()


def _ignore(_: bytes) -> None:
    return


def frame(opcode: int, payload: bytes) -> bytes:
    """A client's final frame: masked, as the protocol asks of clients."""
    length = len(payload)
    if length < 126:
        head = bytes((0x80 | opcode, 0x80 | length))
    elif length < 65_536:
        head = bytes((0x80 | opcode, 0xFE)) + length.to_bytes(2, "big")
    else:
        head = bytes((0x80 | opcode, 0xFF)) + length.to_bytes(8, "big")
    return head + _MASK + apply_mask(payload, _MASK)


def opening(address: Address, path: str, *, subprotocol: str = "", user_agent: str = "") -> bytes:
    """The HTTP request that opens a WebSocket."""
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: {address[0]}:{address[1]}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {_KEY}",
        "Sec-WebSocket-Version: 13",
    ]
    if subprotocol:
        lines.append(f"Sec-WebSocket-Protocol: {subprotocol}")
    if user_agent:
        lines.append(f"User-Agent: {user_agent}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1")
