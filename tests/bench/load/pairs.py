"""Pairs of a visitor and an agent: the visitor writes, the agent receives. Who loses a message is told."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import monotonic

from tests.bench.errors import BenchError
from tests.bench.load.client import Client, welcomed
from tests.bench.load.loop import Loop
from tests.bench.load.texts import Texts
from tests.bench.load.wire import Meaning, Seat, Wire

_LAST_S = 10.0
"""How long what is under way may take to arrive at the end."""


@dataclass(slots=True)
class Tally:
    """What a measurement counted. Seconds; only what ended while ``is_counting`` is in the latencies."""

    is_counting: bool = False
    delivered: int = 0
    """In the window: received by the agent."""
    sent: int = 0
    """Ever."""
    arrived: int = 0
    """Ever, at the agent."""
    doubled: int = 0
    refused: int = 0
    first_refusal: bytes = b""
    broken: list[str] = field(default_factory=list)
    """Why connections ended that should not have."""
    latencies: array[float] = field(default_factory=lambda: array("d"))
    """From the moment the visitor meant to write until the agent received it."""
    acknowledgements: array[float] = field(default_factory=lambda: array("d"))


@dataclass(slots=True)
class Shot:
    """A message under way."""

    due: float
    is_counted: bool
    has_arrived: bool = False
    is_acknowledged: bool = False


class Pair:
    """One visitor and one agent in one conversation. ``done`` is called when a message arrived and was acknowledged."""

    __slots__ = ("_tally", "_texts", "_under_way", "_wire", "agent", "done", "visitor")

    def __init__(self, shared: Sharing, visitor: Seat, agent: Seat) -> None:
        self._wire = shared.wire
        self._texts = shared.texts
        self._tally = shared.tally
        self._under_way: dict[bytes, Shot] = {}
        self.done: Callable[[Pair], None] = _nothing
        self.visitor = Client(shared.loop, shared.wire, visitor, self._broken)
        self.agent = Client(shared.loop, shared.wire, agent, self._broken)
        self.visitor.hears = self._visitor_hears
        self.agent.hears = self._agent_hears

    @property
    def is_quiet(self) -> bool:
        """Nothing is under way."""
        return not self._under_way

    def say(self, due: float | None = None) -> None:
        """The visitor writes. ``due`` is when it meant to (monotonic seconds): being late counts as waiting."""
        token, wire = self._wire.post(self.visitor.seat, self._texts.next())
        self._under_way[token] = Shot(monotonic() if due is None else due, self._tally.is_counting)
        self._tally.sent += 1
        self.visitor.send(wire)

    def _agent_hears(self, meaning: Meaning, payload: bytes) -> None:
        if meaning is not Meaning.MESSAGE:
            return None
        now = monotonic()
        for token, shot in self._under_way.items():
            if token in payload:
                return self._arrived(token, shot, now)
        self._tally.doubled += 1  # known to nobody: it came before
        return None

    def _arrived(self, token: bytes, shot: Shot, now: float) -> None:
        tally = self._tally
        if shot.has_arrived:
            tally.doubled += 1
            return
        shot.has_arrived = True
        tally.arrived += 1
        if tally.is_counting:
            tally.delivered += 1
        if shot.is_counted:
            tally.latencies.append(now - shot.due)
        if shot.is_acknowledged:
            self._settle(token)

    def _visitor_hears(self, meaning: Meaning, payload: bytes) -> None:
        if meaning is Meaning.ACKNOWLEDGED:
            for token, shot in self._under_way.items():
                if token in payload:
                    return self._acknowledged(token, shot)
        elif meaning is Meaning.REFUSED:
            self._tally.refused += 1
            self._tally.first_refusal = self._tally.first_refusal or payload
        return None

    def _acknowledged(self, token: bytes, shot: Shot) -> None:
        shot.is_acknowledged = True
        if shot.is_counted:
            self._tally.acknowledgements.append(monotonic() - shot.due)
        if shot.has_arrived:
            self._settle(token)

    def _settle(self, token: bytes) -> None:
        del self._under_way[token]
        self.done(self)

    def _broken(self, client: Client, reason: str) -> None:
        self._tally.broken.append(reason)


@dataclass(frozen=True, slots=True)
class Sharing:
    """What all pairs of a run share."""

    loop: Loop
    wire: Wire
    tally: Tally = field(default_factory=Tally)
    texts: Texts = field(default_factory=Texts)


def seated(loop: Loop, wire: Wire, seats: Sequence[tuple[Seat, Seat]]) -> tuple[Sharing, list[Pair]]:
    """Pairs that are connected and let in."""
    shared = Sharing(loop, wire)
    pairs = [Pair(shared, visitor, agent) for visitor, agent in seats]
    welcomed(loop, [client for pair in pairs for client in (pair.agent, pair.visitor)])
    shared.tally.broken.clear()  # from now on none may break
    return shared, pairs


def settle(shared: Sharing, pairs: Sequence[Pair]) -> None:
    """Wait for what is under way, then hang up. Raises BenchError: lost, doubled or refused messages."""
    shared.loop.run(seconds=_LAST_S, until=lambda: all(pair.is_quiet for pair in pairs))
    broken = list(shared.tally.broken)
    for pair in pairs:
        pair.visitor.cut()
        pair.agent.cut()
    tally = shared.tally
    if tally.refused:
        raise BenchError(f"{tally.refused} messages were refused: {tally.first_refusal[:200]!r}")
    if broken:
        raise BenchError(f"{len(broken)} connections broke: {broken[0]}")
    if tally.arrived != tally.sent or tally.doubled:
        raise BenchError(f"{tally.sent - tally.arrived} of {tally.sent} messages lost, {tally.doubled} doubled")


def _nothing(_: Pair) -> None:
    return
