"""What a measurement cost: CPU of everything that takes part, which survives noise that wall-clock does not."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import Any, Protocol

from tests.bench import cpu
from tests.bench.children import Child
from tests.bench.stores import SharedStores

Figures = dict[str, Any]


class Witness(Protocol):
    """Somebody else who wants to know when counting begins and ends. Must return at once."""

    def began(self) -> None:
        """Counting begins."""

    def ended(self) -> None:
        """Counting ends."""


class Costs:
    """CPU seconds by process, from ``start`` to ``stop``."""

    def __init__(self, servers: Sequence[Child], stores: SharedStores, witness: Witness | None = None) -> None:
        self._witness = witness
        self._groups = {f"server_{number}": server.pids() for number, server in enumerate(servers)}
        self._groups |= {"redis": list(stores.redis_pids), "mongodb": list(stores.mongodb_pids)}
        self._groups["generator"] = [os.getpid()]
        self._began: dict[str, float] = {}
        self._at = 0.0
        self.seconds = 0.0
        """How long it took."""
        self.spent: dict[str, float] = {}

    def start(self) -> None:
        """From here on."""
        if self._witness:
            self._witness.began()
        self._began = {name: cpu.seconds(pids) for name, pids in self._groups.items()}
        self._at = monotonic()

    def stop(self) -> None:
        """To here."""
        self.seconds = monotonic() - self._at
        self.spent = {name: cpu.seconds(pids) - self._began[name] for name, pids in self._groups.items()}
        if self._witness:
            self._witness.ended()

    @property
    def servers(self) -> float:
        """CPU seconds of the system's own processes together."""
        return sum(spent for name, spent in self.spent.items() if name.startswith("server_"))

    def per(self, count: int) -> Figures:
        """Microseconds for each of ``count``, by process; ``servers`` is the sum of the system's own."""
        each = {name: round(spent * 1e6 / count, 1) for name, spent in self.spent.items()}
        return {"servers": round(self.servers * 1e6 / count, 1), **each}

    def cores(self) -> Figures:
        """How much of one core each process took."""
        return {name: round(spent / self.seconds, 2) for name, spent in self.spent.items()}


@contextmanager
def steady() -> Iterator[None]:
    """Without the generator's garbage collector, whose pauses would pass for the system's latency."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
