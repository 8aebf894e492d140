"""What a peer sends: pieces put together, checked by its session, and counted against its budgets."""

from __future__ import annotations

from dataclasses import dataclass

from websockets.frames import Frame, Opcode

from chat.budgets.gcra import Budget, FairBudget
from chat.budgets.rates import FLOOD_REFUSALS, FRAMES
from chat.ports import Rate
from chat.protocol.catalogue import BAD_FRAME, FLOODING, Closure
from chat.protocol.frames import ClientFrame
from chat.protocol.session import Session

FRAGMENTS = 64
"""Pieces of one message: a message is at most 64 KiB, and whoever cuts it smaller than this means harm."""
_REFUSALS = Rate(period_ms=1_000, burst=FLOOD_REFUSALS)
"""One refused frame a second is forgiven: a connection may live for days."""
_DATA = (Opcode.TEXT, Opcode.BINARY, Opcode.CONT)


@dataclass(frozen=True, slots=True)
class TooFast:
    """A frame over budget. It fits after ``retry_after_ms``; ``ref`` is the peer's own name for it, 0 for none."""

    ref: int
    retry_after_ms: int


class Intake:
    """One connection's way in. It never waits, and time comes in as an argument."""

    __slots__ = ("_frames", "_pieces", "_refusals", "_session")

    def __init__(self, session: Session) -> None:
        self._session = session
        self._frames = FairBudget(FRAMES)
        self._refusals = Budget(_REFUSALS)
        self._pieces: list[bytes] | None = None

    def allow(self, rate: Rate) -> None:
        """From now on the peer has this budget of frames, full at first: it is known who it is."""
        self._frames = FairBudget(rate)

    def take(self, frame: Frame, now: float) -> ClientFrame | TooFast | Closure | None:
        """What a WebSocket frame amounts to: a client's frame, why not, why to hang up, or nothing yet.

        ``now`` in monotonic seconds.
        """
        if frame.opcode not in _DATA:  # pings cost an answer, too
            return FLOODING if self._frames.take(now) and self._refusals.take(now) else None
        data = bytes(frame.data)
        if self._pieces is not None or not frame.fin:
            pieces = self._pieces = [*(self._pieces or ()), data]
            if not frame.fin:
                return BAD_FRAME if len(pieces) >= FRAGMENTS else None
            data, self._pieces = b"".join(pieces), None
        return self._checked(data, now)

    def _checked(self, data: bytes, now: float) -> ClientFrame | TooFast | Closure:
        frame = self._session.receive(data, now)
        if isinstance(frame, Closure):
            return frame
        if wait := self._frames.take(now):
            return FLOODING if self._refusals.take(now) else TooFast(frame.ref, int(wait * 1000) + 1)
        return frame
