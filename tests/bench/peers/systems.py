"""Socket.IO on Node and python-socketio under measurement."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from urllib.parse import urlsplit

from config.local.mongodb.engine import node
from tests.bench.children import Child
from tests.bench.load.wire import Seat
from tests.bench.peers.install import HERE, PYTHON, SOCKETIO
from tests.bench.peers.wire import SocketIoWire, greeting
from tests.bench.stores import SharedStores
from tests.ports import free_port


class Peer:
    """A system that speaks Socket.IO. Conversations are rooms and need no preparing."""

    def __init__(self, name: str, stores: SharedStores) -> None:
        self.name = name
        self.wire = SocketIoWire()
        self.stores = stores

    def furnish(self, count: int) -> None:
        """Rooms exist when somebody joins."""

    def seats(self, count: int, servers: Sequence[Child]) -> list[tuple[Seat, Seat]]:
        """Two members of one room, on different servers where there are several."""
        ports = [server.port for server in servers]
        return [_seats(ports[number % len(ports)], ports[(number + 1) % len(ports)]) for number in range(count)]

    @contextmanager
    def serving(self, processes: int) -> Iterator[list[Child]]:
        """So many servers, ready; stopped in the end."""
        servers: list[Child] = []
        try:
            for number in range(processes):
                port = free_port()
                command, environment = self._program(port)
                servers.append(Child.start(f"{self.name}-{number}", port, command, environment, self.stores.directory))
            for server in servers:
                server.wait("/")
            yield servers
        finally:
            for server in servers:
                server.stop()

    def _program(self, port: int) -> tuple[list[str], dict[str, str]]:
        environment = {
            "BENCH_PORT": str(port),
            "BENCH_REDIS": self.stores.redis_url,
            "BENCH_MONGODB": self.stores.database(self.name),
        }
        if self.name == "python_socketio":
            return [str(PYTHON), "-I", str(HERE / "server.py")], environment
        shutil.copy(HERE / "server.js", SOCKETIO)  # beside its packages, where Node looks for them
        environment |= {"BENCH_REDIS": urlsplit(self.stores.redis_url).path, "NODE_ENV": "production"}
        return [node(), str(SOCKETIO / "server.js")], environment


def _seats(visitors: int, agents: int) -> tuple[Seat, Seat]:
    conversation = secrets.token_hex(16)
    first = greeting(conversation)
    return Seat(visitors, first, conversation.encode()), Seat(agents, first, conversation.encode())
