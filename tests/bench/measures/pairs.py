"""Delivery in pairs: a closed loop for throughput, an open loop for latency at a constant rate."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from time import monotonic
from typing import Protocol

from tests.bench.children import Child
from tests.bench.errors import BenchError
from tests.bench.load.loop import Loop
from tests.bench.load.pairs import Pair, Sharing, seated, settle
from tests.bench.load.wire import Seat, Wire
from tests.bench.measures.costs import Costs, Figures, Witness, steady
from tests.bench.percentiles import at
from tests.bench.stores import SharedStores

_LEAD_S = 0.2
"""Between the last greeting and the first message of the open loop."""


class System(Protocol):
    """What a measure asks of a system."""

    @property
    def name(self) -> str:
        """As figures call it."""
        ...

    @property
    def wire(self) -> Wire:
        """What its clients speak."""
        ...

    @property
    def stores(self) -> SharedStores:
        """Where it keeps messages."""
        ...

    def furnish(self, count: int) -> None:
        """Make ``count`` conversations, as far as they have to be made beforehand."""
        ...

    def seats(self, count: int, servers: Sequence[Child]) -> list[tuple[Seat, Seat]]:
        """A visitor's and an agent's seat, ``count`` times."""
        ...

    def serving(self, processes: int) -> AbstractContextManager[list[Child]]:
        """So many server processes, ready; stopped in the end."""
        ...


@dataclass(frozen=True, slots=True)
class Window:
    """How long to warm up and to count, in seconds."""

    warm_s: float
    count_s: float


def closed_loop(
    system: System, servers: Sequence[Child], pairs: int, window: Window, *, witness: Witness | None = None
) -> Figures:
    """Each visitor writes, waits until the agent received it and the server acknowledged it, and writes again."""
    loop = Loop()
    shared, seats = seated(loop, system.wire, system.seats(pairs, servers))
    is_on = True

    def again(pair: Pair) -> None:
        if is_on:
            pair.say()

    for pair in seats:
        pair.done = again
        pair.say()
    costs = Costs(servers, system.stores, witness)
    _count(shared, costs, window)
    is_on = False
    settle(shared, seats)
    return _figures(shared, costs)


def open_loop(
    system: System,
    servers: Sequence[Child],
    pairs: int,
    rate: float,
    window: Window,
    *,
    witness: Witness | None = None,
) -> Figures:
    """``rate`` messages a second at constant distances, whatever is under way; late sending counts as waiting."""
    loop = Loop()
    shared, seats = seated(loop, system.wire, system.seats(pairs, servers))
    began, total = monotonic() + _LEAD_S, int(rate * (window.warm_s + window.count_s))
    sent = 0

    def due() -> None:
        nonlocal sent
        now = monotonic()
        while sent < total and (meant := began + sent / rate) <= now:
            seats[sent % pairs].say(meant)
            sent += 1
        if sent < total:
            loop.at(began + sent / rate, due)

    loop.at(began, due)
    costs = Costs(servers, system.stores, witness)
    _count(shared, costs, window)
    settle(shared, seats)
    return {"rate": rate, **_figures(shared, costs)}


def _count(shared: Sharing, costs: Costs, window: Window) -> None:
    tally = shared.tally
    with steady():
        shared.loop.run(seconds=window.warm_s)
        tally.is_counting = True
        costs.start()
        shared.loop.run(seconds=window.count_s)
        costs.stop()
        tally.is_counting = False


def _figures(shared: Sharing, costs: Costs) -> Figures:
    tally = shared.tally
    if not tally.delivered:
        raise BenchError("nothing was delivered")
    latencies, acknowledgements = sorted(tally.latencies), sorted(tally.acknowledgements)
    return {
        "delivered_per_s": round(tally.delivered / costs.seconds, 1),
        "p50_ms": at(latencies, 50),
        "p99_ms": at(latencies, 99),
        "max_ms": at(latencies, 100),
        "acknowledged_p50_ms": at(acknowledgements, 50),
        "acknowledged_p99_ms": at(acknowledgements, 99),
        "delivered": tally.delivered,
        "cpu_us_per_message": costs.per(tally.delivered),
        "cores": costs.cores(),
    }
