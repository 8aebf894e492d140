"""Servers of the tests' own on free ports of the loopback: a Cluster, and a master with a replica and a Sentinel."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from config.local import redis as local_redis
from config.local.tether import tethered
from tests.ports import free_port

SLOTS = 16_384
# Who does not answer for so long is taken for dead; small, because tests wait for it.
DEAD_AFTER_MS = 1_000
DEADLINE_S = 20.0


class Server:
    """One process, which ends with the test run, however that ends. Its data outlives a kill."""

    def __init__(self, directory: Path, *options: str) -> None:
        self.port = free_port()
        self.node = f"127.0.0.1:{self.port}"
        self._directory = directory
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        directory.mkdir()

    def start(self) -> None:
        """Returns when it answers."""
        address = ("--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self._directory))
        command = [local_redis.server(), *self._options, *address]
        with (self._directory / "log").open("ab") as log:
            self._process = subprocess.Popen(
                tethered(command, parent=os.getpid()), stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        until(self._answers)

    def _answers(self) -> bool:
        with contextlib.suppress(RedisError):
            return bool(self.ask("PING"))
        return False

    def ask(self, *words: str | int) -> Any:
        """One command on a connection of its own, its answer as the driver decodes it."""
        with Redis(port=self.port, socket_timeout=5, decode_responses=True) as client:
            return client.execute_command(*words)  # type: ignore[no-untyped-call]

    def kill(self) -> None:
        """SIGKILL; returns when it is dead."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    @property
    def is_running(self) -> bool:
        return self._process is not None


class ClusterFleet:
    """Three masters; ``servers[3]`` replicates ``servers[0]`` at first."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir()
        self.servers = [Server(directory / str(number), *_clustered()) for number in range(4)]

    @property
    def url(self) -> str:
        """The address; the first node that it names is not there."""
        return f"redis+cluster://127.0.0.1:1,{self.servers[1].node},{self.servers[0].node}"

    def start(self) -> None:
        """Returns when the Cluster is whole and the replica is in step."""
        for server in self.servers:
            server.start()
        for number, master in enumerate(self.servers[:3]):
            first, last = number * SLOTS // 3, (number + 1) * SLOTS // 3 - 1
            master.ask("CLUSTER", "ADDSLOTSRANGE", first, last)
            master.ask("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
        for server in self.servers[1:]:
            bus_port = server.ask("CONFIG", "GET", "cluster-port")["cluster-port"]
            self.servers[0].ask("CLUSTER", "MEET", "127.0.0.1", server.port, bus_port)
        until(lambda: all(len(each.ask("CLUSTER NODES")) == len(self.servers) for each in self.servers))
        first, replica = self.servers[0], self.servers[3]
        until(lambda: replica.ask("CLUSTER REPLICATE", first.ask("CLUSTER MYID")), but=RedisError)
        self._until_in_step(replica)

    @property
    def masters(self) -> list[Server]:
        """Whoever has slots, by the word of the first running server."""
        return sorted({self._at(master[1]) for _, _, master, *_ in self._teller.ask("CLUSTER SLOTS")}, key=_by_port)

    def master_of(self, slot: int, *, at: Server | None = None) -> Server:
        """Who has a slot, by the word of one server."""
        ranges = (at or self._teller).ask("CLUSTER SLOTS")
        (port,) = [master[1] for first, last, master, *_ in ranges if first <= slot <= last]
        return self._at(port)

    @property
    def pair(self) -> tuple[Server, Server]:
        """The master that has a replica, and that replica."""
        for _, _, master, *replicas in self._teller.ask("CLUSTER SLOTS"):
            if replicas:
                return self._at(master[1]), self._at(replicas[0][1])
        raise AssertionError("there is no replica")

    @contextmanager
    def killed_master(self) -> Iterator[None]:
        """The master that has a replica is dead; in the end it is back, as the replica of its heir."""
        master, heir = self.pair
        until(lambda: master.ask("WAIT", 1, 1_000) == 1)
        master.kill()
        yield
        until(lambda: heir.ask("INFO", "replication")["role"] == "master")
        master.start()
        self._until_in_step(master)

    def swap(self) -> None:
        """As an operator does: the replica takes over from the living master."""
        master, heir = self.pair
        heir.ask("CLUSTER FAILOVER")
        until(lambda: heir.ask("INFO", "replication")["role"] == "master")
        self._until_in_step(master)

    @contextmanager
    def without_slot(self, slot: int) -> Iterator[None]:
        """A master does not know who has a slot."""
        master = self.master_of(slot)
        master.ask("CLUSTER DELSLOTS", slot)
        until(lambda: not self._is_whole())
        yield
        master.ask("CLUSTER ADDSLOTS", slot)
        until(self._is_whole)

    def _until_in_step(self, replica: Server) -> None:
        until(lambda: replica.ask("INFO", "replication").get("master_link_status") == "up")
        until(self._is_whole)

    def _is_whole(self) -> bool:
        """Whether every running server sees all slots served."""
        return all(each.ask("CLUSTER INFO")["cluster_state"] == "ok" for each in self.servers if each.is_running)

    @property
    def _teller(self) -> Server:
        return next(server for server in self.servers if server.is_running)

    def _at(self, port: int) -> Server:
        return next(server for server in self.servers if server.port == port)

    def stop(self) -> None:
        """Kill them all."""
        for server in self.servers:
            server.kill()


class WatchedFleet:
    """A master, its replica, and a Sentinel that makes the one the other when the first is dead."""

    SERVICE = "numbers"

    def __init__(self, directory: Path) -> None:
        directory.mkdir()
        self.first = Server(directory / "first", *_KEPT_SHORT)
        self.second = Server(directory / "second", *_KEPT_SHORT, "--replicaof", "127.0.0.1", str(self.first.port))
        file = directory / "sentinel.conf"
        file.write_text(
            f"sentinel monitor {self.SERVICE} 127.0.0.1 {self.first.port} 1\n"
            f"sentinel down-after-milliseconds {self.SERVICE} {DEAD_AFTER_MS}\n"
            f"sentinel failover-timeout {self.SERVICE} 4000\n"
        )
        self.sentinel = Server(directory / "sentinel", str(file), "--sentinel")

    @property
    def url(self) -> str:
        """The address; the first Sentinel that it names is not there."""
        return f"redis+sentinel://127.0.0.1:1,{self.sentinel.node}/{self.SERVICE}/0"

    def start(self) -> None:
        """Returns when the Sentinel knows the replica."""
        for server in (self.first, self.second, self.sentinel):
            server.start()
        until(lambda: self.second.ask("INFO", "replication")["master_link_status"] == "up")
        until(lambda: self.sentinel.ask("SENTINEL", "REPLICAS", self.SERVICE))

    @property
    def master(self) -> Server:
        """Who it is by the word of the Sentinel."""
        _, port = self.sentinel.ask("SENTINEL GET-MASTER-ADDR-BY-NAME", self.SERVICE)
        return self.first if int(port) == self.first.port else self.second

    @property
    def replica(self) -> Server:
        """The other one."""
        return self.second if self.master is self.first else self.first

    def detach_replica(self) -> None:
        """From now on it learns nothing new, until it is a master itself."""
        master, replica = self.master, self.replica
        until(lambda: master.ask("WAIT", 1, 1_000) == 1)
        replica.ask("CONFIG", "SET", "masterauth", "wrong", "masteruser", "nobody")
        master.ask("CLIENT", "KILL", "TYPE", "replica")
        until(lambda: replica.ask("INFO", "replication")["master_link_status"] == "down")

    @contextmanager
    def killed_master(self) -> Iterator[None]:
        """The master is dead; in the end it is back, as the replica of its heir."""
        master, heir = self.master, self.replica
        master.kill()
        yield
        until(lambda: self.master is heir)
        heir.ask("CONFIG", "SET", "masterauth", "", "masteruser", "")
        master.start()
        self._demote(master, heir)

    @contextmanager
    def swapped(self) -> Iterator[None]:
        """The replica takes over; the old master lives and serves who is connected, until it is demoted in the end."""
        master, heir = self.master, self.replica
        until(lambda: self.sentinel.ask("SENTINEL FAILOVER", self.SERVICE), but=RedisError)
        until(lambda: self.master is heir)
        yield
        self._demote(master, heir)

    @contextmanager
    def mistaken(self) -> Iterator[str]:
        """The address of a service whose master is said to be what is a replica."""
        self.sentinel.ask("SENTINEL MONITOR", "mistaken", "127.0.0.1", self.replica.port, 1)
        yield self.url.replace(self.SERVICE, "mistaken")
        self.sentinel.ask("SENTINEL REMOVE", "mistaken")

    def _demote(self, replica: Server, master: Server) -> None:
        """As the Sentinel does after a while."""
        replica.ask("REPLICAOF", "127.0.0.1", master.port)
        until(lambda: replica.ask("INFO", "replication").get("master_link_status") == "up")

    def stop(self) -> None:
        """Kill them all."""
        for server in (self.sentinel, self.first, self.second):
            server.kill()


_KEPT_SHORT = ("--save", "", "--appendonly", "no", "--repl-diskless-sync-delay", "0")


def _clustered() -> tuple[str, ...]:
    options = {
        "cluster-enabled": "yes",
        "cluster-port": str(free_port()),
        "cluster-node-timeout": str(DEAD_AFTER_MS),
        "cluster-replica-validity-factor": "0",
    }
    return (*_KEPT_SHORT, *(part for name, value in options.items() for part in (f"--{name}", value)))


def until(is_so: Callable[[], Any], *, but: type[Exception] = AssertionError) -> None:
    """Wait, and fail when it takes too long; ``but`` is an error that means "not yet"."""
    deadline = time.monotonic() + DEADLINE_S
    while True:
        with contextlib.suppress(but):
            if is_so():
                return
        assert time.monotonic() < deadline, "it takes too long"
        time.sleep(0.02)


def _by_port(server: Server) -> int:
    return server.port
