"""The queues and the presence of all workspaces that somebody on this gateway belongs to."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from weakref import WeakValueDictionary

import structlog

from chat.errors import Unavailable
from chat.ids import WorkspaceId
from chat.protocol.facts import AnyFact, presence_topic, workspace_topic
from gateway.socket.attendance import Attendance
from gateway.socket.feed import Follower
from gateway.socket.inbox import Spawn
from gateway.socket.lobby import Lobby
from gateway.socket.outgoing import Outgoing
from gateway.socket.parts import Parts

log = structlog.get_logger()

CHECK_S = 5.0
"""How long a queue may show something old when the fact that told of a change was lost."""
IDLE_CHECKS = 2
"""Checks in a row without followers before a queue is forgotten: somebody may be on the way in."""
DEPARTURE_S = 5.0
"""How long somebody whose connection ended still counts as there: a reload, or another gateway, takes a moment."""


@dataclass(frozen=True, slots=True)
class _Departure:
    """Somebody whose connection ended, unless they are back by ``due`` (monotonic seconds)."""

    due: float
    leave: Callable[[], Awaitable[None]]


class Workplaces:
    """Lobbies and attendances by workspace; made when the first comes, forgotten after the last left."""

    def __init__(self, parts: Parts, spawn: Spawn) -> None:
        self._parts = parts
        self._spawn = spawn
        self._lobbies: dict[WorkspaceId, Lobby] = {}
        self._attendances: dict[WorkspaceId, Attendance] = {}
        self._openings: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        """Lives as long as somebody opens or closes this topic."""
        self._departures: deque[_Departure] = deque()

    async def lobby(self, workspace: WorkspaceId) -> Lobby:
        """The workspace's queue, subscribed first and read second. Raises Unavailable."""
        topic = workspace_topic(workspace)
        async with self._opening(topic):
            lobby = self._lobbies.get(workspace)
            if lobby is None:
                lobby = Lobby(workspace, self._parts.conversations, self._parts.views, self._spawn)
                await self._open(topic, lobby.refresh)
                self._lobbies[workspace] = lobby
            lobby.idle_checks = 0
            return lobby

    async def attendance(self, workspace: WorkspaceId) -> Attendance:
        """The workspace's presence, subscribed first and read second. Raises Unavailable."""
        topic = presence_topic(workspace)
        async with self._opening(topic):
            attendance = self._attendances.get(workspace)
            if attendance is None:
                attendance = Attendance(workspace, self._parts.presence, self._parts.people, self._spawn)
                await self._open(topic, attendance.refresh)
                self._attendances[workspace] = attendance
            attendance.idle_checks = 0
            return attendance

    def _opening(self, topic: str) -> asyncio.Lock:
        lock = self._openings.get(topic)
        if lock is None:
            lock = self._openings[topic] = asyncio.Lock()
        return lock

    async def _open(self, topic: str, read: Callable[[], Awaitable[object]]) -> None:
        await self._parts.bus.subscribe([topic])
        try:
            await read()
        except BaseException:
            await self._unsubscribe(topic)
            raise

    # --- coming and going -----------------------------------------------------------------------------------------

    def visitor_left(self, workspace: WorkspaceId, visitor: Follower) -> None:
        """They are told of the workspace's presence no more."""
        if attendance := self._attendances.get(workspace):
            attendance.visitors.discard(visitor)

    def agent_left(self, workspace: WorkspaceId, agent: Follower, leave: Callable[[], Awaitable[None]]) -> None:
        """``leave`` is awaited in a moment. A gateway that stops leaves it to the presence's own time to live."""
        if attendance := self._attendances.get(workspace):
            attendance.agents.discard(agent)
        if lobby := self._lobbies.get(workspace):
            lobby.agents.discard(agent)
        self._departures.append(_Departure(self._parts.clock.monotonic() + DEPARTURE_S, leave))

    async def depart(self) -> None:
        """Once a second: let go who did not come back. Raises Unavailable: their entries run out by themselves."""
        now = self._parts.clock.monotonic()
        while self._departures and self._departures[0].due <= now:
            await self._departures.popleft().leave()

    # --- from the bus ---------------------------------------------------------------------------------------------

    def happened(self, workspace: WorkspaceId, fact: AnyFact) -> None:
        """Hand a fact to the workspace's queue."""
        if lobby := self._lobbies.get(workspace):
            lobby.inbox.put(fact)

    def presence_changed(self, workspace: WorkspaceId) -> None:
        """Read the workspace's presence anew."""
        if attendance := self._attendances.get(workspace):
            attendance.changed()

    def lost(self) -> None:
        """Facts may have been missed: read everything anew."""
        for lobby in self._lobbies.values():
            lobby.lost()
            self._spawn(partial(self._refresh_lobby, lobby))
        for attendance in self._attendances.values():
            attendance.changed()

    # --- against the record ---------------------------------------------------------------------------------------

    async def check(self) -> None:
        """Every 5 s, compare what is shown with what is stored. Runs until cancelled."""
        while True:
            await asyncio.sleep(CHECK_S)
            for lobby in list(self._lobbies.values()):
                await self._check_lobby(lobby)
            for attendance in list(self._attendances.values()):
                await self._check_attendance(attendance)

    async def _check_lobby(self, lobby: Lobby) -> None:
        lobby.idle_checks = 0 if lobby.agents else lobby.idle_checks + 1
        if lobby.idle_checks < IDLE_CHECKS:
            await self._refresh_lobby(lobby)
            return
        topic = workspace_topic(lobby.workspace)
        async with self._opening(topic):
            if lobby.idle_checks >= IDLE_CHECKS:
                del self._lobbies[lobby.workspace]
                await self._unsubscribe(topic)

    async def _check_attendance(self, attendance: Attendance) -> None:
        attendance.idle_checks = 0 if attendance.is_followed else attendance.idle_checks + 1
        if attendance.idle_checks < IDLE_CHECKS:
            await self._refresh(attendance.refresh)
            return
        topic = presence_topic(attendance.workspace)
        async with self._opening(topic):
            if attendance.idle_checks >= IDLE_CHECKS:
                del self._attendances[attendance.workspace]
                await self._unsubscribe(topic)

    async def _refresh_lobby(self, lobby: Lobby) -> None:
        async def refresh() -> None:
            if await lobby.refresh():
                attendance = await self.attendance(lobby.workspace)
                queue = Outgoing(lobby.queue(await attendance.online()))
                for agent in list(lobby.agents):
                    agent.offer(queue)

        await self._refresh(refresh)

    async def _refresh(self, refresh: Callable[[], Awaitable[None]]) -> None:
        """One workspace that cannot be read harms no other."""
        try:
            await refresh()
        except Unavailable:
            return  # the next check tries again
        except Exception:
            log.exception("a workspace cannot be read")

    async def _unsubscribe(self, topic: str) -> None:
        with contextlib.suppress(Unavailable):  # then nobody is subscribed anyway
            await self._parts.bus.unsubscribe([topic])
