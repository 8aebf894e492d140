"""Socket.IO's wire (protocol 5 over Engine.IO 4), which both peers speak, as the generator speaks it.

A text payload begins with Engine.IO's packet type, then Socket.IO's: ``0`` the server opens, ``40`` connected to the
namespace, ``2``/``3`` ping and pong, ``42<id>[…]`` an event, ``43<id>[…]`` its acknowledgement.
"""

from __future__ import annotations

import json
import secrets
from itertools import count

from tests.bench.load.line import TEXT, frame
from tests.bench.load.wire import Meaning, Seat

_PONG = frame(TEXT, b"3")


class SocketIoWire:
    """What Socket.IO's own clients send, without their overhead."""

    def __init__(self) -> None:
        self.request = {"path": "/socket.io/?EIO=4&transport=websocket"}
        self.greets_first = False
        self.beat_s = 0.0  # the server pings
        self._run = secrets.token_hex(12).encode()
        self._numbers = count(1)

    def post(self, seat: Seat, text: bytes) -> tuple[bytes, bytes]:
        """The event ``post`` and its id, of the length that a UUID has as text; an acknowledgement is asked for."""
        number = next(self._numbers)
        name = b"%b-%011d" % (self._run, number)
        return name, frame(TEXT, b'42%d["post",{"id":"%b","text":"%b"}]' % (number, name, text))

    def meaning(self, payload: bytes) -> Meaning:
        """By the packet types at its start."""
        start = payload[:2]
        if start == b"42":
            return Meaning.MESSAGE
        if start == b"43":
            return Meaning.ACKNOWLEDGED
        if start == b"40":
            return Meaning.WELCOME
        if start == b"44":
            return Meaning.REFUSED
        return Meaning.QUESTION if payload[:1] in (b"0", b"2") else Meaning.NOTHING

    def answer(self, seat: Seat, payload: bytes) -> bytes:
        """Connect once the server opened; a pong for a ping."""
        return frame(TEXT, seat.greeting) if payload[:1] == b"0" else _PONG

    def beat(self, seat: Seat) -> bytes:
        """Clients do not begin."""
        raise AssertionError("the server pings, not the client")

    def opcode(self) -> int:
        """Packets are text."""
        return TEXT


def greeting(conversation: str) -> bytes:
    """The packet that connects to the namespace, saying which conversation this is."""
    return b"40" + json.dumps({"conversation": conversation}, separators=(",", ":")).encode()
