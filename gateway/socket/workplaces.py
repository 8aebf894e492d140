"""The queues and the presence of all workspaces that somebody on this gateway belongs to."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from typing import Any

from chat.errors import Unavailable
from chat.ids import WorkspaceId
from chat.protocol.facts import AnyFact, presence_topic, workspace_topic
from gateway.socket.attendance import Attendance
from gateway.socket.feed import Follower
from gateway.socket.lobby import Lobby
from gateway.socket.outgoing import Outgoing
from gateway.socket.parts import Parts

CHECK_S = 5.0
"""How long a queue may show something old when the fact that told of a change was lost."""
IDLE_CHECKS = 2
"""Checks in a row without followers before a queue is forgotten: somebody may be on the way in."""

Spawn = Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]]


class Workplaces:
    """Lobbies and attendances by workspace; made when the first comes, forgotten after the last left."""

    def __init__(self, parts: Parts, spawn: Spawn) -> None:
        self._parts = parts
        self._spawn = spawn
        self._lobbies: dict[WorkspaceId, Lobby] = {}
        self._attendances: dict[WorkspaceId, Attendance] = {}
        self._openings: dict[str, asyncio.Lock] = {}

    async def lobby(self, workspace: WorkspaceId) -> Lobby:
        """The workspace's queue, subscribed first and read second. Raises Unavailable."""
        topic = workspace_topic(workspace)
        async with self._openings.setdefault(topic, asyncio.Lock()):
            lobby = self._lobbies.get(workspace)
            if lobby is None:
                await self._parts.bus.subscribe([topic])
                lobby = Lobby(workspace, self._parts.conversations, self._parts.views)
                await lobby.refresh()
                self._lobbies[workspace] = lobby
            lobby.idle_checks = 0
            return lobby

    async def attendance(self, workspace: WorkspaceId) -> Attendance:
        """The workspace's presence, subscribed first and read second. Raises Unavailable."""
        topic = presence_topic(workspace)
        async with self._openings.setdefault(topic, asyncio.Lock()):
            attendance = self._attendances.get(workspace)
            if attendance is None:
                await self._parts.bus.subscribe([topic])
                attendance = Attendance(workspace, self._parts.presence, self._parts.people)
                await attendance.refresh()
                self._attendances[workspace] = attendance
            attendance.idle_checks = 0
            return attendance

    def visitor_left(self, workspace: WorkspaceId, visitor: Follower) -> None:
        if attendance := self._attendances.get(workspace):
            attendance.visitors.discard(visitor)

    def agent_left(self, workspace: WorkspaceId, agent: Follower) -> None:
        if attendance := self._attendances.get(workspace):
            attendance.agents.discard(agent)
        if lobby := self._lobbies.get(workspace):
            lobby.agents.discard(agent)

    # --- from the bus ---------------------------------------------------------------------------------------------

    def happened(self, workspace: WorkspaceId, fact: AnyFact) -> None:
        """Hand a fact to the workspace's queue."""
        if lobby := self._lobbies.get(workspace):
            self._spawn(self._tell(lobby, fact))

    def presence_changed(self, workspace: WorkspaceId) -> None:
        """Read the workspace's presence anew."""
        if attendance := self._attendances.get(workspace):
            self._spawn(self._refresh_attendance(attendance))

    def lost(self) -> None:
        """Facts may have been missed: read everything anew."""
        for lobby in self._lobbies.values():
            self._spawn(self._refresh_lobby(lobby))
        for attendance in self._attendances.values():
            self._spawn(self._refresh_attendance(attendance))

    async def _tell(self, lobby: Lobby, fact: AnyFact) -> None:
        with contextlib.suppress(Unavailable):  # the periodic check finds it
            await lobby.happened(fact)

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
        async with self._openings[topic]:
            if lobby.idle_checks >= IDLE_CHECKS:
                del self._lobbies[lobby.workspace]
                await self._unsubscribe(topic)

    async def _check_attendance(self, attendance: Attendance) -> None:
        attendance.idle_checks = 0 if attendance.is_followed else attendance.idle_checks + 1
        if attendance.idle_checks < IDLE_CHECKS:
            await self._refresh_attendance(attendance)
            return
        topic = presence_topic(attendance.workspace)
        async with self._openings[topic]:
            if attendance.idle_checks >= IDLE_CHECKS:
                del self._attendances[attendance.workspace]
                await self._unsubscribe(topic)

    async def _refresh_lobby(self, lobby: Lobby) -> None:
        with contextlib.suppress(Unavailable):
            if await lobby.refresh():
                attendance = await self.attendance(lobby.workspace)
                queue = Outgoing(lobby.queue(await attendance.online()))
                for agent in list(lobby.agents):
                    agent.offer(queue)

    async def _refresh_attendance(self, attendance: Attendance) -> None:
        with contextlib.suppress(Unavailable):
            await attendance.refresh()

    async def _unsubscribe(self, topic: str) -> None:
        with contextlib.suppress(Unavailable):  # then nobody is subscribed anyway
            await self._parts.bus.unsubscribe([topic])
