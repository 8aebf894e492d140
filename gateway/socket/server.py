"""The gateway: it accepts connections, follows the bus, and owns everything that runs.

A background loop that ends takes the gateway down, loudly: a gateway that only looks alive is worse than none.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine
from socket import SO_SNDBUF, SOL_SOCKET
from typing import Any
from uuid import UUID

import structlog

from chat.errors import Unavailable
from chat.ids import ConversationId, WorkspaceId
from chat.protocol.catalogue import AWAY, SIGNED_OUT, Closure
from chat.protocol.facts import (
    EVERYBODY,
    AnyFact,
    Said,
    SignedOut,
    decode_fact,
)
from chat.protocol.frames import ClientFrame, Hello, HelloAgent
from gateway.socket.admission import Admission, Full
from gateway.socket.agent import Agent, welcome_agent
from gateway.socket.connection import CLOSE_S, Connection
from gateway.socket.drain import drain
from gateway.socket.feed import Feed
from gateway.socket.feeds import Feeds
from gateway.socket.hearsay import Hearsay
from gateway.socket.inbox import Work
from gateway.socket.outlet import KERNEL_BYTES
from gateway.socket.parts import Parts
from gateway.socket.shared import Shared
from gateway.socket.visitor import welcome_visitor
from gateway.socket.wheel import TICK_S, Wheel
from gateway.socket.workplaces import Workplaces

log = structlog.get_logger()

CHECK_S = 1.0
"""Between position checks, and between pings."""
BACKLOG = 1024
"""Connections that the system completes before we take them."""


class Gateway:
    """All connections of one process."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.feeds = Feeds(parts, self._retell, self.spawn)
        self.workplaces = Workplaces(parts, self.spawn)
        self._hearsay = Hearsay(parts.repeats, parts.bus, parts.clock)
        self._shared = Shared(parts, self.feeds, self.workplaces, self._hearsay, self.spawn)
        self._connections: set[Connection] = set()
        self._admission = Admission()
        self._wheel: Wheel[Connection] = Wheel(parts.clock.monotonic())
        self._away: set[str] = {"starting"}
        self._tasks: asyncio.TaskGroup | None = None
        self._server: asyncio.Server | None = None
        self._spawned: set[asyncio.Task[None]] = set()
        self._due: list[Callable[[], None]] = []

    # --- life ---------------------------------------------------------------------------------------------------

    async def serve(self, host: str, port: int, *, stop: asyncio.Event, shared: bool = False) -> None:
        """Serve until ``stop`` is set, then drain. Raises OSError when the port is taken.

        ``shared``: other gateways of this user listen on the same port, and the system gives each its part of what
        comes (SO_REUSEPORT, socket(7)).
        """
        self._server = await asyncio.get_running_loop().create_server(
            lambda: Connection(self, self.parts.clock), host, port, backlog=BACKLOG, reuse_port=shared
        )
        for listener in self._server.sockets:  # whoever is accepted inherits it
            listener.setsockopt(SOL_SOCKET, SO_SNDBUF, KERNEL_BYTES)
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
            self._turn_wheel(),
            self._ping(),
            self._check(),
            self.workplaces.check(),
            self._hearsay.tell(),
        ]

    async def _drain(self) -> None:
        """Stop accepting, send clients elsewhere, finish what was sent, hang up."""
        assert self._server is not None
        self._away.add("draining")
        self._server.close()
        log.info("gateway drains", connections=len(self._connections))
        await drain(self._connections)
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

    def after_turn(self, work: Callable[[], None]) -> None:
        """Call it when this turn of the event loop is over."""
        if not self._due:
            asyncio.get_running_loop().call_soon(self._end_turn)
        self._due.append(work)

    def _end_turn(self) -> None:
        due, self._due = self._due, []
        for work in due:
            work()

    def away(self) -> list[str]:
        """What keeps this gateway from serving."""
        return sorted(self._away)

    # --- connections ----------------------------------------------------------------------------------------------

    def opened(self, connection: Connection) -> None:
        """Somebody dialled: from now on the connection is swept, and drained at the end."""
        self._connections.add(connection)

    def look_at(self, connection: Connection, due: float) -> None:
        """Have a connection looked at when ``due`` is over, instead of when it was to be before."""
        self._wheel.put(connection, due)

    def closed(self, connection: Connection) -> None:
        """The connection is gone."""
        self._connections.discard(connection)
        self._wheel.remove(connection)

    async def welcome(self, connection: Connection, frame: ClientFrame) -> Closure | None:
        """Find out who a connection is, in its turn. Raises Unavailable."""
        try:
            async with self._admission.turn():
                return await self._welcome(connection, frame) if connection.is_open else None
        except Full as full:
            connection.farewell(AWAY, after_ms=full.after_ms)
            return AWAY

    async def _welcome(self, connection: Connection, frame: ClientFrame) -> Closure | None:
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

    async def _turn_wheel(self) -> None:
        """Look at connections when they are due: who is silent, stalls, or does not answer a close is hung up on."""
        while True:
            await asyncio.sleep(TICK_S)
            now = self.parts.clock.monotonic()
            for connection in self._wheel.turn(now):
                self._wheel.put(connection, connection.look(now))

    async def _ping(self) -> None:
        """Ask each store whether it is there, once a second after its last answer: one that hangs holds up no other."""
        names = list(self.parts.pings)
        await asyncio.gather(*[self._ping_one(name, self.parts.pings[name]) for name in names])
        self._away.discard("starting")
        async with asyncio.TaskGroup() as watches:
            for name in names:
                watches.create_task(self._watch(name))

    async def _watch(self, name: str) -> None:
        while True:
            await asyncio.sleep(CHECK_S)
            await self._ping_one(name, self.parts.pings[name])

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
            for due in (self.feeds.check_positions, self.feeds.forget_abandoned, self.workplaces.depart):
                with contextlib.suppress(Unavailable):  # each needs other stores, and none waits for another
                    await due()


async def _logged(work: Work) -> None:
    try:
        await work()
    except Exception:
        log.exception("work failed", work=repr(work))


def _is_ended(agent: Agent, fact: SignedOut) -> bool:
    return agent.sign_in.account == fact.account and fact.sign_in in ("", agent.sign_in.id)
