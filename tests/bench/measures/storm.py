"""Everybody is dropped at once and comes back as the specification says, while agents go on writing."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from time import monotonic

from tests.bench.aican.system import Aican
from tests.bench.aican.wire import AicanWire
from tests.bench.children import Child
from tests.bench.errors import BenchError
from tests.bench.load.client import Client, welcomed
from tests.bench.load.loop import Loop
from tests.bench.load.texts import Texts
from tests.bench.load.wire import Meaning, Seat
from tests.bench.measures.costs import Costs, Figures, Witness, steady
from tests.bench.measures.idle import spread
from tests.bench.percentiles import at

_SPOKEN_TO = 10
"""Each tenth visitor is written to while away."""
_WRITTEN_S = 3.0
"""Over how long: some are still away, some are on their way in, most are back."""
_PATIENCE_S = 120.0
_FIRST_S, _STEP_S, _LONGEST_S = 1.0, 0.5, 20.0
"""Waits of a client that was cut off: see «Reconnecting» in the specification."""


class Guest:
    """A visitor who comes back, and may have been written to."""

    def __init__(self, loop: Loop, wire: AicanWire, seat: Seat) -> None:
        self.client = Client(loop, wire, seat, lambda _, __: self._away())
        self.client.hears = self._hears
        self.expects: bytes = b""
        self.back_at = 0.0
        self.dials = 0
        self.has_message = False
        self._wire = wire
        self._told_s = 0.0

    @property
    def is_whole(self) -> bool:
        """Back, with everything that was said."""
        return self.client.is_welcome and (self.has_message or not self.expects)

    def drop(self) -> None:
        """The connection is cut."""
        self.client.cut()
        self._away()

    def _away(self) -> None:
        most = _FIRST_S if self.dials == 0 else min(_LONGEST_S, _STEP_S * 2**self.dials)
        wait, self._told_s = self._told_s or random.random() * most, 0.0
        self.client.loop.at(monotonic() + wait, self._dial)

    def _dial(self) -> None:
        self.dials += 1
        self.client.dial(spread(random.randrange(2**16)))

    def _hears(self, meaning: Meaning, payload: bytes) -> None:
        if meaning is Meaning.WELCOME:
            self.back_at = monotonic()
        elif meaning is Meaning.REFUSED:
            self._told_s = self._wire.wait_s(payload)
        if self.expects and self.expects in payload:
            self.has_message = True


@dataclass
class Desk:
    """The agents who write to those who are away, on connections that are not dropped."""

    clients: list[tuple[Client, list[bytes]]]
    acknowledged: int = 0
    broken: list[str] = field(default_factory=list)

    @classmethod
    def staffed(cls, loop: Loop, aican: Aican, servers: Sequence[Child], conversations: int) -> Desk:
        """Agents at their places."""
        desk = cls([])
        for attendant in aican.attendants(conversations, servers):
            client = Client(loop, aican.wire, attendant.seat, lambda _, reason: desk.broken.append(reason))
            client.hears = desk.hears
            desk.clients.append((client, attendant.conversations))
        welcomed(loop, [client for client, _ in desk.clients])
        return desk

    def write(self, wire: AicanWire, guests: dict[bytes, Guest]) -> int:
        """Write to everybody once, over three seconds. How many that are."""
        texts, count = Texts(), 0
        for client, conversations in self.clients:
            for conversation in conversations:
                name, frame = wire.post(replace(client.seat, conversation=conversation), texts.next())
                guests[conversation].expects = name
                client.loop.at(monotonic() + random.random() * _WRITTEN_S, lambda c=client, f=frame: c.send(f))  # type: ignore[misc]
                count += 1
        return count

    def hears(self, meaning: Meaning, payload: bytes) -> None:
        """An agent is answered."""
        if meaning is Meaning.ACKNOWLEDGED:
            self.acknowledged += 1
        elif meaning is Meaning.REFUSED:
            self.broken.append(f"refused: {payload[:100]!r}")


def storm(aican: Aican, servers: Sequence[Child], connections: int, *, witness: Witness | None = None) -> Figures:
    """Seconds from the cut until all are back and have what was said meanwhile; ``missed``: how many lack it even after
    two minutes. Raises BenchError: somebody is not back, or was not answered."""
    loop = Loop()
    seats = aican.crowd(connections, servers)
    guests = {seat.conversation: Guest(loop, aican.wire, seat) for seat in seats}
    welcomed(loop, [guest.client for guest in guests.values()], source=spread)
    desk = Desk.staffed(loop, aican, servers, connections // _SPOKEN_TO)
    costs = Costs(servers, aican.stores, witness)
    with steady():
        costs.start()
        began = monotonic()
        for guest in guests.values():
            guest.drop()
        written = desk.write(aican.wire, guests)
        loop.run(
            seconds=_PATIENCE_S,
            until=lambda: desk.acknowledged >= written and all(guest.is_whole for guest in guests.values()),
        )
        took = monotonic() - began
        costs.stop()
    figures = _figures(guests, desk, written, began, took, costs)
    for client in [guest.client for guest in guests.values()] + [client for client, _ in desk.clients]:
        client.cut()
    return figures


def _figures(guests: dict[bytes, Guest], desk: Desk, written: int, began: float, took: float, costs: Costs) -> Figures:
    away = sum(not guest.client.is_welcome for guest in guests.values())
    missed = sum(not guest.has_message for guest in guests.values() if guest.expects)
    if away or desk.broken or desk.acknowledged < written:
        raise BenchError(
            f"after {took:.0f} s {away} of {len(guests)} are still away, {missed} of {written} messages are missed, "
            f"{written - desk.acknowledged} not acknowledged; agents: {desk.broken[:1]}"
        )
    returns = sorted(guest.back_at - began for guest in guests.values())
    return {
        "connections": len(guests),
        "seconds": round(took, 2),
        "back_p50_ms": at(returns, 50),
        "back_p99_ms": at(returns, 99),
        "written_meanwhile": written,
        "missed": missed,
        "dials": sum(guest.dials for guest in guests.values()),
        "cpu_us_per_return": round(costs.servers * 1e6 / len(guests), 1),
        "cores": costs.cores(),
    }
