"""Aican under measurement: its gateways as processes, and seats in conversations that were claimed beforehand."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from pydantic import SecretStr

from config.settings import Settings
from tests.bench.aican.house import Place, furnish, seats
from tests.bench.aican.wire import AicanWire
from tests.bench.children import Child, free_port
from tests.bench.load.wire import Seat, Wire
from tests.bench.stores import SharedStores

GATEWAY = [sys.executable, "-m", "tests.bench.aican.gateway"]


class Aican:
    """The product. Conversations are made once for a run and used in every round."""

    name = "aican"

    def __init__(self, stores: SharedStores) -> None:
        self._directory = stores.directory
        self.settings = Settings(
            data_dir=stores.directory,
            redis_url=SecretStr(stores.redis_url),
            mongodb_url=SecretStr(stores.database("aican_bench")),
            log_level="warning",
        )
        self.wire: Wire = AicanWire()
        self._places: list[Place] = []

    def furnish(self, count: int) -> None:
        """Have ``count`` conversations."""
        if (missing := count - len(self._places)) > 0:
            self._places += asyncio.run(furnish(self.settings, missing))

    def seats(self, count: int, servers: Sequence[Child]) -> list[tuple[Seat, Seat]]:
        """A visitor's and an agent's seat, ``count`` times. Agents' are good for 30 s."""
        self.furnish(count)
        return asyncio.run(seats(self.settings, self._places[:count], [server.port for server in servers]))

    @contextmanager
    def serving(self, processes: int, command: Sequence[str] = GATEWAY) -> Iterator[list[Child]]:
        """So many gateways, ready; stopped in the end."""
        servers: list[Child] = []
        try:
            for number in range(processes):
                port = free_port()
                environment = {**self.settings.environment(), "AICAN_GATEWAY_PORT": str(port)}
                servers.append(Child.start(f"gateway-{number}", port, command, environment, self._directory))
            for server in servers:
                server.wait("/readyz")
            yield servers
        finally:
            for server in servers:
                server.stop()
