"""Aican under measurement: its gateways as processes, and seats in conversations that were claimed beforehand."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from pydantic import SecretStr

from config.settings import Settings
from gateway.bootstrap import first_run
from tests.bench.aican import house
from tests.bench.aican.house import Attendant, Business, Place
from tests.bench.aican.wire import AicanWire
from tests.bench.children import Child
from tests.bench.load.wire import Seat
from tests.bench.stores import SharedStores
from tests.ports import free_port

_GATEWAY = [sys.executable, "-m", "tests.bench.aican.gateway"]


class Aican:
    """The product. Conversations are made once for a run and used in every round."""

    name = "aican"

    def __init__(self, stores: SharedStores) -> None:
        self.stores = stores
        self.wire = AicanWire()
        self.settings = Settings(
            data_dir=stores.directory,
            redis_url=SecretStr(stores.redis_url),
            mongodb_url=SecretStr(stores.database("aican")),
            log_level="warning",
        )
        self._places: dict[Business, list[Place]] = {}

    def places(self, count: int, kind: Business) -> list[Place]:
        """``count`` claimed conversations; missing ones are made."""
        known = self._places.setdefault(kind, [])
        if (missing := count - len(known)) > 0:
            known += asyncio.run(house.furnish(self.settings, missing, kind))
        return known[:count]

    def furnish(self, count: int) -> None:
        """Have ``count`` pairs' conversations."""
        self.places(count, house.PAIRED)

    def seats(self, count: int, servers: Sequence[Child]) -> list[tuple[Seat, Seat]]:
        """A visitor's and an agent's seat, ``count`` times, on different gateways where there are several."""
        places, ports = self.places(count, house.PAIRED), [server.port for server in servers]
        visitors = asyncio.run(house.visitors(self.settings, places, ports))
        agents = asyncio.run(house.agents(self.settings, places, ports[1:] + ports[:1]))
        return [(visitor, agent.seat) for visitor, agent in zip(visitors, agents, strict=True)]

    def crowd(self, count: int, servers: Sequence[Child]) -> list[Seat]:
        """``count`` visitors, each in a conversation of their own."""
        places = self.places(count, house.CROWDED)
        return asyncio.run(house.visitors(self.settings, places, [server.port for server in servers]))

    def attendants(self, count: int, servers: Sequence[Child]) -> list[Attendant]:
        """The agents of the crowd's first ``count`` conversations. Good for 30 s."""
        places = self.places(count, house.CROWDED)
        return asyncio.run(house.agents(self.settings, places, [server.port for server in servers]))

    @contextmanager
    def serving(self, processes: int) -> Iterator[list[Child]]:
        """So many gateways, ready; stopped in the end."""
        asyncio.run(first_run(self.settings))
        servers: list[Child] = []
        try:
            for number in range(processes):
                port = free_port()
                environment = {**self.settings.environment(), "AICAN_GATEWAY_PORT": str(port)}
                servers.append(Child.start(f"gateway-{number}", port, _GATEWAY, environment, self.stores.directory))
            for server in servers:
                server.wait("/readyz")
            yield servers
        finally:
            for server in servers:
                server.stop()
