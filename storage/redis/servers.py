"""Where Redis is: one server, the present master behind Sentinels, or the masters of a Cluster."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeAlias

from redis.asyncio.connection import AbstractConnection, Connection
from redis.exceptions import ConnectionError as Lost
from redis.exceptions import RedisError

CONNECT_S = 2.0
"""How long a connection may take to be made and introduced."""
# A Sentinel that is away costs this much of CONNECT_S; three may be asked one after the other.
_SENTINEL_S = 0.5
_LOOK_EACH_S = 1.0

Node: TypeAlias = str
"""A server: ``host:port`` in a Cluster, else ``SOLE``."""
SOLE: Node = ""


class Servers(Protocol):
    """How connections are made."""

    async def open(self, node: Node) -> AbstractConnection:
        """A new connection, introduced (TLS, AUTH, SELECT). Raises RedisError or OSError; at the latest after 2 s."""
        ...


class OneServer:
    """One server, always at the same address."""

    def __init__(self, kind: type[AbstractConnection], options: dict[str, Any]) -> None:
        self._kind = kind
        self._options = options

    async def open(self, node: Node = SOLE) -> AbstractConnection:
        """A new connection to the one server, whatever ``node`` says. See ``Servers``."""
        async with asyncio.timeout(CONNECT_S):
            return await introduced(self._kind(**self._options))


class Watched:
    """The master of a service that Sentinels watch, asked for anew for each connection."""

    def __init__(self, sentinels: Sequence[OneServer], service: str, kind: type[Connection], options: dict[str, Any]):
        self._sentinels = list(sentinels)
        self._service = service
        self._kind = kind
        self._options = options
        self._present: tuple[str, int] | None = None
        """Where the last connection went."""
        self.watchers: list[Callable[[Exception], None]] = []
        """Told when the master is another one."""

    async def open(self, node: Node = SOLE) -> AbstractConnection:
        """See ``Servers``. A server that says itself that it is no master is refused (Sentinel clients' guideline)."""
        async with asyncio.timeout(CONNECT_S):
            self._present = host, port = await self._master()
            connection = await introduced(self._kind(host=host, port=port, **self._options))
            if (await asked(connection, "ROLE"))[0] != b"master":
                await connection.disconnect(nowait=True)
                raise Lost("the Sentinels' master is none any more")
            return connection

    async def follow(self) -> None:
        """Ask once a second who is the master, for ever.

        A master that was cut off, or that an operator replaces, goes on to serve its connections for up to 8 s, until a
        Sentinel makes it a replica.
        """
        while True:
            await asyncio.sleep(_LOOK_EACH_S)
            try:
                master = await self._master()
            except (RedisError, OSError):
                continue  # who is served goes on
            if self._present is not None and master != self._present:
                self._present = master
                for tell in self.watchers:
                    tell(Lost("another server is the master now"))

    async def _master(self) -> tuple[str, int]:
        """What the first Sentinel says that answers and knows the service; it is asked first from then on."""
        last: Exception = Lost("no Sentinel knows the service")
        for sentinel in list(self._sentinels):
            try:
                async with asyncio.timeout(_SENTINEL_S):
                    found = await self._told_by(sentinel)
            except (RedisError, OSError) as error:
                last = error
                continue
            if found is not None:
                self._sentinels.remove(sentinel)
                self._sentinels.insert(0, sentinel)
                return found[0].decode(), int(found[1])
        raise last

    async def _told_by(self, sentinel: OneServer) -> list[bytes] | None:
        connection = await sentinel.open()
        try:
            found: list[bytes] | None = await asked(connection, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", self._service)
            return found
        finally:
            await connection.disconnect(nowait=True)


async def introduced(connection: AbstractConnection) -> AbstractConnection:
    """``connection``, connected; it is closed if that fails or is cancelled."""
    try:
        await connection.connect()  # type: ignore[no-untyped-call]
    except BaseException:
        await connection.disconnect(nowait=True)
        raise
    return connection


async def asked(connection: AbstractConnection, *words: str) -> Any:
    """The reply to one command; the connection is closed if that fails or is cancelled."""
    try:
        await connection.send_command(*words, check_health=False)
        return await connection.read_response()
    except BaseException:
        await connection.disconnect(nowait=True)
        raise
