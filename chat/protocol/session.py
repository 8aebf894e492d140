"""One peer's side of the protocol, as the server sees it. It never awaits, and time comes in as an argument.

``GREETING → OPEN → CLOSED``: the first frame says who the peer is, and what it may send afterwards follows from that.
"""

from __future__ import annotations

from enum import Enum, auto

from chat.protocol.catalogue import BAD_FRAME, LATE, SILENT, Closure
from chat.protocol.codec import BadFrame, Codec
from chat.protocol.frames import (
    Availability,
    Beat,
    Claim,
    ClientFrame,
    End,
    Hello,
    HelloAgent,
    History,
    Introduce,
    Mark,
    Post,
    Typing,
    Unwatch,
    Watch,
)

HEARTBEAT_MS = 15_000
"""Below what NATs and proxies cut as idle (60 s, some 30 s), with room for one lost beat."""
SILENCE_S = 22.0
"""One lost beat and seven seconds more, so that with a quarter of a second for the look it is never 22.5 s."""
GREETING_S = 5.0
"""The first frame comes within this time, or the connection was opened for nothing."""
GREETING_BYTES = 8 * 1024
"""A first frame holds two addresses of 2,048 characters and a token; more is not a greeting."""


class Phase(Enum):
    """Where a session stands."""

    GREETING = auto()
    VISITOR = auto()
    AGENT = auto()
    CLOSED = auto()


_BOTH: frozenset[type] = frozenset({Post, Typing, Mark, End, Beat, History})

ALLOWED: dict[Phase, frozenset[type]] = {
    Phase.GREETING: frozenset({Hello, HelloAgent}),
    Phase.VISITOR: _BOTH | {Introduce},
    Phase.AGENT: _BOTH | {Claim, Watch, Unwatch, Availability},
    Phase.CLOSED: frozenset(),
}
"""What a peer may send in each phase. Anything else is not this protocol."""

NEXT: dict[type, Phase] = {Hello: Phase.VISITOR, HelloAgent: Phase.AGENT}
"""Which phase a first frame opens."""


class Session:
    """Checks what a peer sends. The caller owns the socket, the clock, and the hanging up."""

    __slots__ = ("_heard_at", "_opened_at", "codec", "phase")

    def __init__(self, codec: Codec, now: float) -> None:
        self.codec = codec
        self.phase = Phase.GREETING
        self._opened_at = now
        self._heard_at = now

    def receive(self, data: bytes, now: float) -> ClientFrame | Closure:
        """The frame in ``data``, or why to hang up. ``now`` in monotonic seconds."""
        self._heard_at = now
        if self.phase is Phase.GREETING and len(data) > GREETING_BYTES:
            return self._closed(BAD_FRAME)
        try:
            frame = self.codec.decode_client(data)
        except BadFrame:
            return self._closed(BAD_FRAME)
        if type(frame) not in ALLOWED[self.phase]:
            return self._closed(BAD_FRAME)
        self.phase = NEXT.get(type(frame), self.phase)
        return frame

    @property
    def due(self) -> float:
        """When ``overdue`` has something to say if nothing is heard before; monotonic seconds."""
        return self._opened_at + GREETING_S if self.phase is Phase.GREETING else self._heard_at + SILENCE_S

    def overdue(self, now: float) -> Closure | None:
        """Why to hang up on a peer that said nothing: no first frame within 5 s, or silence for 22 s."""
        if self.phase is Phase.GREETING and now - self._opened_at >= GREETING_S:
            return self._closed(LATE)
        if self.phase is not Phase.CLOSED and now - self._heard_at >= SILENCE_S:
            return self._closed(SILENT)
        return None

    def close(self) -> None:
        """Nothing is expected any more."""
        self.phase = Phase.CLOSED

    def _closed(self, closure: Closure) -> Closure:
        self.phase = Phase.CLOSED
        return closure
