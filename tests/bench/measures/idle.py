"""What connections cost that do nothing but their heartbeat: visitors who are known, each in a conversation."""

from __future__ import annotations

from collections.abc import Sequence

from tests.bench import cpu
from tests.bench.aican.system import Aican
from tests.bench.children import Child
from tests.bench.errors import BenchError
from tests.bench.load.client import Client, welcomed
from tests.bench.load.loop import Loop
from tests.bench.measures.costs import Costs, Figures, Witness
from tests.bench.measures.pairs import Window

_FIRST = 100
"""Connections before memory is looked at: what the first ones load is not theirs."""


def idle(
    aican: Aican, servers: Sequence[Child], connections: int, window: Window, *, witness: Witness | None = None
) -> Figures:
    """``connections`` beside a hundred first ones. Memory is PSS, CPU that of all gateways, their own work included."""
    loop = Loop()
    broken: list[str] = []
    seats = aican.crowd(_FIRST + connections, servers)
    clients = [Client(loop, aican.wire, seat, lambda _, reason: broken.append(reason)) for seat in seats]
    welcomed(loop, clients[:_FIRST], source=spread)
    loop.run(seconds=1.0)
    before = _memory(servers)
    welcomed(loop, clients[_FIRST:], source=spread)
    broken.clear()  # from now on none may break
    loop.run(seconds=window.warm_s)
    after = _memory(servers)
    costs = Costs(servers, aican.stores, witness)
    costs.start()
    loop.run(seconds=window.count_s)
    costs.stop()
    for client in clients:
        client.cut()
    if broken:
        raise BenchError(f"{len(broken)} idle connections broke: {broken[0]}")
    return {
        "connections": len(clients),
        "kib_per_connection": round((after - before) / connections, 2),
        "cpu_us_per_s": round(costs.servers * 1e6 / costs.seconds / len(clients), 2),
        "seconds": round(costs.seconds, 1),
        "cores": costs.cores(),
    }


def spread(number: int) -> str:
    """A loopback address for the ``number``th client, as visitors come from many networks."""
    return f"127.{1 + number // 62_500}.{number // 250 % 250}.{1 + number % 250}"


def _memory(servers: Sequence[Child]) -> int:
    return sum(cpu.pss_kib(server.pids()) for server in servers)
