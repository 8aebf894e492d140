"""Aican's wire as the generator speaks it. Greetings come from the product's own codec; posts are cut from one."""

from __future__ import annotations

import secrets
import time
from functools import cached_property
from itertools import count
from uuid import UUID

from chat.ids import uuid7
from chat.protocol.codec import MSGPACK
from chat.protocol.frames import Accepted, Beat, Goodbye, Message, Post, Refused, Snapshot
from chat.protocol.session import HEARTBEAT_MS
from chat.protocol.values import Conduct
from tests.bench.load.line import BINARY, frame
from tests.bench.load.texts import BYTES
from tests.bench.load.wire import Meaning, Seat

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
_NAME = uuid7(0, b"\xa5" * 10)
_ROOM = uuid7(1, b"\xa6" * 10)
_CONDUCT = Conduct(elapsed_ms=60_000)
_SAMPLE = Post(1, _ROOM, _NAME, "x" * BYTES, _CONDUCT)
_KINDS = {
    Message: Meaning.MESSAGE,
    Accepted: Meaning.ACKNOWLEDGED,
    Snapshot: Meaning.WELCOME,
    Refused: Meaning.REFUSED,
    Goodbye: Meaning.REFUSED,
}


class AicanWire:
    """``aican.v1.msgpack``."""

    def __init__(self) -> None:
        self.request = {"path": "/", "subprotocol": MSGPACK.subprotocol, "user_agent": FIREFOX}
        self.greets_first = True
        self.beat_s = HEARTBEAT_MS / 1000
        self._run = secrets.token_bytes(6)
        self._numbers = count(1)
        self._meanings = [Meaning.NOTHING] * 256
        for kind, meaning in _KINDS.items():
            self._meanings[int(kind.__struct_config__.tag)] = meaning  # type: ignore[arg-type]

    @cached_property
    def _pieces(self) -> tuple[bytes, bytes, bytes, bytes]:
        """A post, cut where conversation, client id and text go."""
        head, rest = MSGPACK.encode(_SAMPLE).split(_ROOM.bytes)
        before, rest = rest.split(_NAME.bytes)
        between, tail = rest.split(b"x" * BYTES)
        return head, before, between, tail

    def post(self, seat: Seat, text: bytes) -> tuple[bytes, bytes]:
        """A ``Post`` and its client id, a UUIDv7. The ref is always the same: the client id tells answers apart."""
        name = uuid7(time.time_ns() // 1_000_000, next(self._numbers).to_bytes(4, "big") + self._run)
        if len(text) != BYTES:
            said = Post(1, UUID(bytes=seat.conversation), name, text.decode(), _CONDUCT)
            return name.bytes, frame(BINARY, MSGPACK.encode(said))
        head, before, between, tail = self._pieces
        return name.bytes, frame(BINARY, b"".join((head, seat.conversation, before, name.bytes, between, text, tail)))

    def meaning(self, payload: bytes) -> Meaning:
        """By the frame's kind, which is the array's first entry and below 128."""
        return self._meanings[payload[1]]

    def answer(self, seat: Seat, payload: bytes) -> bytes:
        """The gateway asks nothing."""
        raise AssertionError("no frame of the gateway is a question")

    def beat(self, seat: Seat) -> bytes:
        """A ``Beat`` for the seat's conversation."""
        positions = [(UUID(bytes=seat.conversation), 0)] if seat.conversation else []
        return frame(BINARY, MSGPACK.encode(Beat(0, positions)))

    def wait_s(self, payload: bytes) -> float:
        """How long a ``Goodbye`` asks to stay away; 0: it does not."""
        said = MSGPACK.decode_server(payload)
        return said.after_ms / 1000 if isinstance(said, Goodbye) else 0.0

    def opcode(self) -> int:
        """Frames are binary."""
        return BINARY
