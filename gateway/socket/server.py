"""The gateway: it accepts connections, follows the bus, and owns everything that runs.

A background loop that ends takes the gateway down, loudly: a gateway that only looks alive is worse than none.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Coroutine
from typing import Any
from uuid import UUID

import structlog

from chat.errors import Unavailable
from chat.ids import ConversationId, WorkspaceId
from chat.model import Conversation, Sealed, Stored
from chat.protocol.catalogue import DRAINING, SIGNED_OUT, Closure
from chat.protocol.facts import (
    EVERYBODY,
    AnyFact,
    Said,
    SignedOut,
    decode_fact,
)
from chat.protocol.frames import ClientFrame, Goodbye, Hello, HelloAgent
from gateway.socket.agent import Agent, welcome_agent
from gateway.socket.connection import Connection
from gateway.socket.feed import Feed
from gateway.socket.feeds import Feeds
from gateway.socket.known_sites import KnownSites
from gateway.socket.outgoing import Outgoing
from gateway.socket.parts import Parts
from gateway.socket.visitor import welcome_visitor
from gateway.socket.workplaces import Workplaces

log = structlog.get_logger()

CHECK_S = 1.0
"""Position checks, heartbeat sweeps and pings."""
SPREAD_MS = 2_000
"""Over how long clients of a draining gateway come back elsewhere."""
DRAIN_S = 10.0
"""How long a draining gateway works off what was sent before it hangs up; supervisors kill after 30 s."""


class Gateway:
    """All connections of one process."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.sites = KnownSites(parts.sites, parts.clock)
        self.feeds = Feeds(self._feed, parts.bus, parts.numbers, parts.clock, self.spawn)
        self.workplaces = Workplaces(parts, self.spawn)
        self._connections: set[Connection] = set()
        self._away: set[str] = {"starting"}
        self._tasks: asyncio.TaskGroup | None = None
        self._server: asyncio.Server | None = None

    # --- life ---------------------------------------------------------------------------------------------------

    async def serve(self, host: str, port: int, *, stop: asyncio.Event) -> None:
        """Serve until ``stop`` is set, then drain. Raises OSError when the port is taken."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Connection(self, self.parts.clock), host, port, backlog=1024)
        log.info("gateway listens", host=host, port=port)
        async with asyncio.TaskGroup() as tasks:
            self._tasks = tasks
            loops = [
                tasks.create_task(self._follow_bus()),
                tasks.create_task(self._sweep()),
                tasks.create_task(self._check()),
                tasks.create_task(self.workplaces.check()),
            ]
            await stop.wait()
            await self._drain()
            for one in loops:
                one.cancel()

    async def _drain(self) -> None:
        """Stop accepting, send clients elsewhere at random moments, finish what was sent, hang up."""
        assert self._server is not None
        self._away.add("draining")
        self._server.close()
        log.info("gateway drains", connections=len(self._connections))
        for connection in list(self._connections):
            after_ms = random.randrange(SPREAD_MS)  # noqa: S311 - spreads load, protects nothing
            farewell = Goodbye(0, DRAINING.code, DRAINING.text, DRAINING.then.value, after_ms)
            connection.offer(Outgoing(farewell))
        deadline = self.parts.clock.monotonic() + DRAIN_S
        while self._is_busy() and self.parts.clock.monotonic() < deadline:  # noqa: ASYNC110 - no one event says so
            await asyncio.sleep(0.02)
        for connection in list(self._connections):
            connection.close(DRAINING)
        while self._connections and self.parts.clock.monotonic() < deadline:  # noqa: ASYNC110 - no one event says so
            await asyncio.sleep(0.02)
        for connection in list(self._connections):
            connection.abort()
        await asyncio.sleep(0)

    def _is_busy(self) -> bool:
        return any(connection.is_busy for connection in self._connections)

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run something that belongs to the gateway and ends by itself. Its failure is logged and harms nobody else."""
        assert self._tasks is not None, "the gateway serves"
        return self._tasks.create_task(_logged(work))

    def away(self) -> list[str]:
        """What keeps this gateway from serving."""
        return sorted(self._away)

    # --- connections ----------------------------------------------------------------------------------------------

    def opened(self, connection: Connection) -> None:
        self._connections.add(connection)

    def closed(self, connection: Connection) -> None:
        self._connections.discard(connection)

    async def welcome(self, connection: Connection, frame: ClientFrame) -> Closure | None:
        """Find out who a connection is. Raises Unavailable."""
        match frame:
            case Hello():
                return await welcome_visitor(self, connection, frame)
            case HelloAgent():
                return await welcome_agent(self, connection, frame)
            case _:
                return None  # the session lets nothing else through

    def _feed(self, conversation: ConversationId) -> Feed:
        async def republish(record: Conversation, sealed: Sealed) -> None:
            await self.parts.delivery.publish(record, Stored(sealed))

        return Feed(
            conversation,
            conversations=self.parts.conversations,
            messages=self.parts.messages,
            views=self.parts.views,
            sealer=self.parts.sealer,
            republish=republish,
            clock=self.parts.clock,
        )

    # --- loops ----------------------------------------------------------------------------------------------------

    async def _follow_bus(self) -> None:
        with contextlib.suppress(Unavailable):  # wanted all the same, and subscribed when Redis is back
            await self.parts.bus.subscribe([EVERYBODY])
        async for item in self.parts.bus.facts():
            if item is None:
                self._lost()
                continue
            topic, data = item
            try:
                fact = decode_fact(data)
            except ValueError:
                log.warning("a fact that this version does not know", topic=topic)
                continue
            self._route(topic, fact)
        raise RuntimeError("the bus ended")

    def _lost(self) -> None:
        """Facts may have been missed: everything is compared with the record."""
        self.feeds.lost()
        self.workplaces.lost()

    def _route(self, topic: str, fact: AnyFact) -> None:
        kind, name = topic[:2], topic[3:-1]
        if topic == EVERYBODY:
            self._everybody(fact)
        elif kind == "c:":
            self.feeds.happened(ConversationId(UUID(name)), fact)
        elif kind == "w:":
            self.workplaces.happened(WorkspaceId(UUID(name)), fact)
        elif kind == "p:":
            self.workplaces.presence_changed(WorkspaceId(UUID(name)))

    def _everybody(self, fact: AnyFact) -> None:
        match fact:
            case Said():
                now = self.parts.clock.monotonic()
                self.parts.repeats.remember(fact.workspace, fact.digest, fact.conversation, now)
            case SignedOut():
                for connection in list(self._connections):
                    if isinstance(connection.party, Agent) and _is_ended(connection.party, fact):
                        connection.close(SIGNED_OUT)
            case _:
                pass

    async def _sweep(self) -> None:
        """Hang up on who is overdue."""
        while True:
            await asyncio.sleep(CHECK_S)
            now = self.parts.clock.monotonic()
            for connection in list(self._connections):
                connection.sweep(now)

    async def _check(self) -> None:
        """Ask the stores whether they are there, then compare what is shown with what is stored."""
        while True:
            for name, ping in self.parts.pings.items():
                try:
                    await ping()
                    self._away.discard(name)
                except Unavailable:
                    self._away.add(name)
            self._away.discard("starting")
            with contextlib.suppress(Unavailable):
                await self.feeds.check_positions()
                await self.feeds.forget_abandoned()
            await asyncio.sleep(CHECK_S)


async def _logged(work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except Exception:
        log.exception("work failed", work=getattr(work, "__qualname__", "?"))


def _is_ended(agent: Agent, fact: SignedOut) -> bool:
    return agent.sign_in.account == fact.account and fact.sign_in in ("", agent.sign_in.id)
