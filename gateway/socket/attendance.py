"""Who is there to answer in a workspace: agents see each other come and go, visitors see whether anybody is there."""

from __future__ import annotations

import asyncio
import contextlib

from chat.conversations.people import People
from chat.errors import Unavailable
from chat.ids import AccountId, WorkspaceId
from chat.ports import Presence as PresencePort
from chat.protocol.frames import Attendance as AttendanceFrame
from chat.protocol.frames import Person, Presence
from gateway.socket.feed import Follower
from gateway.socket.inbox import Spawn
from gateway.socket.outgoing import Outgoing


class Attendance:
    """One workspace's presence as this gateway knows it."""

    def __init__(self, workspace: WorkspaceId, presence: PresencePort, people: People, spawn: Spawn) -> None:
        self.workspace = workspace
        self._spawn = spawn
        self._is_due = False
        self._worker: asyncio.Task[None] | None = None
        self.agents: set[Follower] = set()
        self.visitors: set[Follower] = set()
        self._presence = presence
        self._people = people
        self._online: dict[AccountId, bool] = {}
        self._lock = asyncio.Lock()
        self.idle_checks = 0
        """Checks in a row that found no follower."""

    @property
    def attended(self) -> bool:
        """Somebody takes new conversations."""
        return any(self._online.values())

    @property
    def is_followed(self) -> bool:
        """Whether anybody is shown who is here: else it need not be kept up to date."""
        return bool(self.agents or self.visitors)

    async def online(self) -> list[Person]:
        """Who is online, by name. When it returns, no await stands between the answer and the caller."""
        while True:
            online = self._online
            people = await self._people.of(online)
            if self._online == online:
                return people

    def changed(self) -> None:
        """Somebody came or went: it is read soon, and once for all who did meanwhile."""
        self._is_due = True
        if self._worker is None:
            self._worker = self._spawn(self._work)

    async def _work(self) -> None:
        try:
            with contextlib.suppress(Unavailable):  # the periodic check finds it
                while self._is_due:
                    self._is_due = False
                    await self.refresh()
        finally:
            self._worker = None

    async def refresh(self) -> None:
        """Read who is there, and show what changed. Raises Unavailable."""
        async with self._lock:  # one after the other, so that the last one shown is the last one read
            online = await self._presence.online(self.workspace)
            before, was_attended, self._online = self._online, self.attended, online
            if self.attended is not was_attended:
                self._show(self.visitors, Outgoing(AttendanceFrame(0, self.attended), ephemeral=True))
            for account in sorted(before.keys() | online.keys()):
                if before.get(account) is not online.get(account):
                    await self._show_person(account)

    async def _show_person(self, account: AccountId) -> None:
        is_online = account in self._online
        person = await self._people.person(account, available=self._online.get(account, False))
        if person is not None:
            self._show(self.agents, Outgoing(Presence(0, person, is_online), ephemeral=True))

    def _show(self, followers: set[Follower], outgoing: Outgoing) -> None:
        for follower in list(followers):
            follower.offer(outgoing)
