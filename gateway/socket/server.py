"""The gateway: it accepts connections, follows the bus, and owns everything that runs.

A background loop that ends takes the gateway down, loudly: a gateway that only looks alive is worse than none.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable, Coroutine
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
from chat.protocol.frames import ClientFrame, Hello, HelloAgent
from gateway.socket.agent import Agent, welcome_agent
from gateway.socket.connection import CLOSE_S, Connection
from gateway.socket.feed import Feed
from gateway.socket.feeds import Feeds
from gateway.socket.hearsay import Hearsay
from gateway.socket.inbox import Work
from gateway.socket.parts import Parts
from gateway.socket.shared import Shared
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
        self.feeds = Feeds(self._feed, self._retell, parts.bus, parts.numbers, parts.clock, self.spawn)
        self.workplaces = Workplaces(parts, self.spawn)
        self._hearsay = Hearsay(parts.repeats, parts.bus, parts.clock)
        self._shared = Shared(parts, self.feeds, self.workplaces, self._hearsay, self.spawn)
        self._connections: set[Connection] = set()
        self._away: set[str] = {"starting"}
        self._tasks: asyncio.TaskGroup | None = None
        self._server: asyncio.Server | None = None
        self._spawned: set[asyncio.Task[None]] = set()

    # --- life ---------------------------------------------------------------------------------------------------

    async def serve(self, host: str, port: int, *, stop: asyncio.Event) -> None:
        """Serve until ``stop`` is set, then drain. Raises OSError when the port is taken."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Connection(self, self.parts.clock), host, port, backlog=1024)
        log.info("gateway listens", host=host, port=port)
        try:
            async with asyncio.TaskGroup() as tasks:
                self._tasks = tasks
                loops = [tasks.create_task(each) for each in self._loops()]
                await stop.wait()
                await self._drain()
                await self._until(lambda: not self._spawned, CLOSE_S)
                for one in (*loops, *self._spawned):
                    one.cancel()  # whatever hangs must not keep a stopped gateway alive
        finally:
            self._server.close()
            self._cut()

    def _loops(self) -> list[Coroutine[Any, Any, None]]:
        return [
            self._follow_bus(),
            self._sweep(),
            self._ping(),
            self._check(),
            self.workplaces.check(),
            self._hearsay.tell(),
        ]

    async def _drain(self) -> None:
        """Stop accepting, send clients elsewhere at random moments, finish what was sent, hang up."""
        assert self._server is not None
        self._away.add("draining")
        self._server.close()
        log.info("gateway drains", connections=len(self._connections))
        for connection in list(self._connections):
            connection.farewell(DRAINING, after_ms=random.randrange(SPREAD_MS))  # noqa: S311 - spreads load only
        await self._until(lambda: not any(connection.is_busy for connection in self._connections), DRAIN_S)
        for connection in list(self._connections):
            connection.close(DRAINING)
        await self._until(lambda: not self._connections, CLOSE_S)
        self._cut()
        await asyncio.sleep(0)  # every connection hears that it is lost

    async def _until(self, condition: Callable[[], bool], seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not condition():  # noqa: ASYNC110 - no one event says so
                    await asyncio.sleep(0.02)

    def _cut(self) -> None:
        for connection in list(self._connections):
            connection.abort()

    def spawn(self, work: Work) -> asyncio.Task[None]:
        """Run something that belongs to the gateway and ends by itself. Its failure is logged and harms nobody else."""
        assert self._tasks is not None, "the gateway serves"
        task = self._tasks.create_task(_logged(work))
        self._spawned.add(task)
        task.add_done_callback(self._spawned.discard)
        return task

    def away(self) -> list[str]:
        """What keeps this gateway from serving."""
        return sorted(self._away)

    # --- connections ----------------------------------------------------------------------------------------------

    def opened(self, connection: Connection) -> None:
        """Somebody dialled: from now on the connection is swept, and drained at the end."""
        self._connections.add(connection)

    def closed(self, connection: Connection) -> None:
        """The connection is gone."""
        self._connections.discard(connection)

    async def welcome(self, connection: Connection, frame: ClientFrame) -> Closure | None:
        """Find out who a connection is. Raises Unavailable."""
        match frame:
            case Hello():
                return await welcome_visitor(self._shared, connection, frame)
            case HelloAgent():
                return await welcome_agent(self._shared, connection, frame)
            case _:
                return None  # the session lets nothing else through

    async def _retell(self, feed: Feed) -> None:
        """Somebody may have crashed between a change and its message; whoever opens the feed makes up for it."""
        if feed.record is None:
            return
        agent = feed.record.agent
        person = await self.parts.people.person(agent) if agent else None
        with contextlib.suppress(Unavailable):  # the next one to open it tries again
            await self.parts.service.retell(feed.record, person.name if person else "")

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
                self._route(topic, decode_fact(data))
            except ValueError:
                log.warning("a fact that this version does not know", topic=topic)
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
                self._hearsay.heard(fact)
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

    async def _ping(self) -> None:
        """Ask each store whether it is there."""
        while True:
            await asyncio.gather(*[self._ping_one(name, ping) for name, ping in self.parts.pings.items()])
            self._away.discard("starting")
            await asyncio.sleep(CHECK_S)

    async def _ping_one(self, name: str, ping: Callable[[], Awaitable[None]]) -> None:
        try:
            await ping()
            self._away.discard(name)
        except Unavailable:
            self._away.add(name)

    async def _check(self) -> None:
        """Compare what is shown with what is stored."""
        while True:
            await asyncio.sleep(CHECK_S)
            with contextlib.suppress(Unavailable):
                await self.feeds.forget_abandoned()
                await self.workplaces.depart()
                await self.feeds.check_positions()


async def _logged(work: Work) -> None:
    try:
        await work()
    except Exception:
        log.exception("work failed", work=repr(work))


def _is_ended(agent: Agent, fact: SignedOut) -> bool:
    return agent.sign_in.account == fact.account and fact.sign_in in ("", agent.sign_in.id)
