"""A Redis Cluster: which master has which slot."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from redis.asyncio.connection import AbstractConnection, Connection
from redis.crc import REDIS_CLUSTER_HASH_SLOTS as SLOTS
from redis.exceptions import RedisError, ResponseError

from chat.errors import Unavailable
from storage.redis.failures import WrongKind, told
from storage.redis.servers import CONNECT_S, Node, asked, introduced

# One node that answers nothing must not keep us from asking the others while callers wait.
_MAP_S = 1.0

Owners: TypeAlias = list[Node | None]
"""By slot; None: nobody's at this moment."""


class Cluster:
    """The masters of a Cluster, and a map of their slots, which is right until a server says otherwise."""

    def __init__(self, seeds: Sequence[Node], kind: type[Connection], options: dict[str, Any]) -> None:
        """``seeds``: some of its nodes, at least one."""
        self._seeds = list(seeds)
        self._kind = kind
        self._options = options
        self.owners: Owners = []
        """Whose each slot is; empty until the map was read."""
        self._is_corrected = False
        """Servers told of moves since the map was read."""
        self._teller = seeds[0]
        """Who told the map last."""
        self._looking = asyncio.Lock()
        self.looks = 0
        """How often the map was read."""
        self.watchers: list[Callable[[], None]] = []
        """Called when the map has changed."""

    @property
    def is_known(self) -> bool:
        """Whether there is a map."""
        return bool(self.owners)

    @property
    def masters(self) -> list[Node]:
        """Everybody who has a slot."""
        return sorted({node for node in self.owners if node})

    def owner(self, slot: int) -> Node | None:
        """Who has the slot; None when that is not known."""
        return self.owners[slot] if self.owners else None

    def moved(self, slot: int, node: Node) -> None:
        """A server said that ``node`` has this slot now."""
        if self.owners and self.owners[slot] != node:
            self.owners[slot] = node
            self._is_corrected = True

    async def open(self, node: Node) -> AbstractConnection:
        """A new connection to ``node`` (``host:port``), with the password of the Cluster's address. See ``Servers``."""
        host, _, port = node.rpartition(":")
        async with asyncio.timeout(CONNECT_S):
            return await introduced(self._kind(host=host, port=int(port), **self._options))

    async def look(self, *, since: int) -> None:
        """Read the map from the first node that has one, unless somebody did after look number ``since``.

        Raises Unavailable, and WrongKind when a node is a server by itself.
        """
        async with self._looking:
            if self.looks != since:
                return
            owners = await self._read()
            self.looks += 1
            has_changed = self._is_corrected or owners != self.owners
            self.owners, self._is_corrected = owners, False
            if has_changed:
                for tell in self.watchers:
                    tell()

    async def _read(self) -> Owners:
        last: Exception = Unavailable("no node of the Cluster is known")
        for node in dict.fromkeys([self._teller, *self.masters, *self._seeds]):
            try:
                async with asyncio.timeout(_MAP_S):
                    owners = _owners(await self._told_by(node), node)
                self._teller = node
                return owners
            except ResponseError as error:
                if "cluster support disabled" in str(error):
                    raise WrongKind("it is no Cluster, so its address begins with redis:// or rediss://") from error
                last = error
            except (RedisError, OSError) as error:
                last = error
        raise told(last)

    async def _told_by(self, node: Node) -> Any:
        connection = await self.open(node)
        try:
            return await asked(connection, "CLUSTER", "SLOTS")
        finally:
            await connection.disconnect(nowait=True)


def _owners(ranges: Any, teller: Node) -> Owners:
    """What CLUSTER SLOTS says: ``[first, last, [host, port, …] of the master, … of replicas]`` for each range."""
    owners: Owners = [None] * SLOTS
    for first, last, master, *_ in ranges:
        host = master[0].decode() if master[0] else ""
        if host in ("", "?"):  # "as you reached me"
            host = teller.rpartition(":")[0]
        owners[first : last + 1] = [f"{host}:{master[1]}"] * (last - first + 1)
    return owners
