"""A client of any system: it dials, greets, keeps its heartbeat, and hands on what it hears."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from time import monotonic

from tests.bench.errors import BenchError
from tests.bench.load.line import Line, frame, opening
from tests.bench.load.loop import Loop
from tests.bench.load.wire import Meaning, Seat, Wire

HOST = "127.0.0.1"
_DIALLING = 100
"""Clients that dial at once, unless a measure is about just that."""
_DIAL_S = 300.0

Heard = Callable[[Meaning, bytes], None]


class Client:
    """One client. ``hears`` is given messages, acknowledgements and refusals; ``lost`` why a connection ended."""

    __slots__ = ("_is_due", "_lost", "_wire", "hears", "is_welcome", "line", "loop", "seat", "why")

    def __init__(self, loop: Loop, wire: Wire, seat: Seat, lost: Callable[[Client, str], None]) -> None:
        self.loop = loop
        self.seat = seat
        self.hears: Heard = _ignore
        self.is_welcome = False
        self.why = ""
        """How the last connection ended."""
        self.line: Line | None = None
        self._wire = wire
        self._lost = lost
        self._is_due = False

    def dial(self, source: str | None = None) -> None:
        """Connect and greet. ``is_welcome`` once the server let it in."""
        request = opening((HOST, self.seat.port), **self._wire.request)
        self.line = Line(
            self.loop, (HOST, self.seat.port), request, opened=self._opened, lost=self._ended, source=source
        )
        self.line.take = self._take

    def send(self, wire: bytes) -> None:
        """Write a whole frame."""
        assert self.line is not None
        self.line.send(wire)

    def cut(self) -> None:
        """Drop the connection without a word."""
        self.is_welcome = False
        if self.line:
            self.line.cut()

    def _opened(self, line: Line) -> None:
        if self._wire.greets_first:
            self._greet()
        if self._wire.beat_s and not self._is_due:
            self._is_due = True
            self.loop.at(monotonic() + random.random() * self._wire.beat_s, self._beat)

    def _greet(self) -> None:
        self.send(frame(self._wire.opcode(), self.seat.greeting))

    def _beat(self) -> None:
        self.loop.at(monotonic() + self._wire.beat_s, self._beat)
        if self.is_welcome:
            self.send(self._wire.beat(self.seat))

    def _take(self, payload: bytes) -> None:
        meaning = self._wire.meaning(payload)
        if meaning is Meaning.WELCOME:
            self.is_welcome = True
            self.hears(meaning, payload)
        elif meaning is Meaning.QUESTION:
            self.send(self._wire.answer(self.seat, payload))
        elif meaning is not Meaning.NOTHING:
            self.hears(meaning, payload)

    def _ended(self, line: Line, reason: str) -> None:
        self.is_welcome, self.line, self.why = False, None, reason
        self._lost(self, reason)


def welcomed(loop: Loop, clients: Iterable[Client], *, source: Callable[[int], str | None] = lambda _: None) -> None:
    """Connect them all, a hundred at a time; who is turned away comes again.

    Raises BenchError when some are not let in within five minutes.
    """
    waiting = list(clients)
    dialled: list[Client] = []
    deadline = monotonic() + _DIAL_S
    total = len(waiting)
    while waiting or dialled:
        while waiting and len(dialled) < _DIALLING:
            client = waiting.pop()
            client.dial(source(len(waiting)))
            dialled.append(client)
        loop.run(seconds=0.005)
        waiting += [client for client in dialled if client.line is None]
        dialled = [client for client in dialled if client.line is not None and not client.is_welcome]
        if monotonic() > deadline:
            missing = waiting + dialled
            reasons = {client.why for client in missing}
            raise BenchError(f"{len(missing)} of {total} clients were not let in: {', '.join(sorted(reasons))}")


def _ignore(meaning: Meaning, payload: bytes) -> None:
    return
