"""Delivery in pairs: a closed loop for throughput, an open loop for latency at a constant rate."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Any, Protocol

from tests.bench import cpu
from tests.bench.children import Child
from tests.bench.errors import BenchError
from tests.bench.load.loop import Loop
from tests.bench.load.pairs import Pair, Sharing, seated, settle
from tests.bench.load.wire import Seat, Wire
from tests.bench.percentiles import at
from tests.bench.stores import SharedStores

Figures = dict[str, Any]


class System(Protocol):
    """What a measure asks of a system."""

    name: str
    wire: Wire

    def seats(self, count: int, servers: Sequence[Child]) -> list[tuple[Seat, Seat]]:
        """A visitor's and an agent's seat, ``count`` times."""
        ...


class Costs:
    """CPU seconds of everything that takes part, from ``start`` to ``stop``."""

    def __init__(self, servers: Sequence[Child], stores: SharedStores) -> None:
        self._groups = {f"server_{number}": server.pids() for number, server in enumerate(servers)}
        self._groups |= {"redis": list(stores.redis_pids), "mongodb": list(stores.mongodb_pids)}
        self._groups["generator"] = [os.getpid()]
        self._began: dict[str, float] = {}
        self._at = 0.0
        self.seconds = 0.0
        self.spent: dict[str, float] = {}

    def start(self) -> None:
        """From here on."""
        self._began = {name: cpu.seconds(pids) for name, pids in self._groups.items()}
        self._at = monotonic()

    def stop(self) -> None:
        """To here."""
        self.seconds = monotonic() - self._at
        self.spent = {name: cpu.seconds(pids) - self._began[name] for name, pids in self._groups.items()}

    def per(self, count: int) -> Figures:
        """Microseconds for each of ``count``, by process; ``servers`` is the sum of the system's own."""
        each = {name: round(spent * 1e6 / count, 1) for name, spent in self.spent.items()}
        own = sum(spent for name, spent in self.spent.items() if name.startswith("server_"))
        return {"servers": round(own * 1e6 / count, 1), **each}

    def share(self) -> Figures:
        """Of one core, by process."""
        return {name: round(spent / self.seconds, 2) for name, spent in self.spent.items()}


@dataclass(frozen=True, slots=True)
class Window:
    """How long to warm up and to count, in seconds."""

    warm_s: float
    count_s: float


def closed_loop(system: System, servers: Sequence[Child], stores: SharedStores, pairs: int, window: Window) -> Figures:
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
    costs = Costs(servers, stores)
    with _steady():
        _count(shared, costs, window)
    is_on = False
    settle(shared, seats)
    return _figures(shared, costs)


def open_loop(
    system: System, servers: Sequence[Child], stores: SharedStores, pairs: int, rate: float, window: Window
) -> Figures:
    """``rate`` messages a second at constant distances, whatever is under way; late sending counts as waiting."""
    loop = Loop()
    shared, seats = seated(loop, system.wire, system.seats(pairs, servers))
    began, total = monotonic() + 0.2, int(rate * (window.warm_s + window.count_s))
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
    costs = Costs(servers, stores)
    with _steady():
        _count(shared, costs, window)
    settle(shared, seats)
    return {"rate": rate, **_figures(shared, costs)}


def _count(shared: Sharing, costs: Costs, window: Window) -> None:
    tally = shared.tally
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
        "cores": costs.share(),
    }


@contextmanager
def _steady() -> Iterator[None]:
    """Without the generator's garbage collector, whose pauses would be the system's latency."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
