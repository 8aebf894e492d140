"""Who is there to answer in a workspace: agents see each other come and go, visitors see whether anybody is there."""

from __future__ import annotations

from chat.conversations.people import People
from chat.ids import AccountId, WorkspaceId
from chat.ports import Presence as PresencePort
from chat.protocol.frames import Attendance as AttendanceFrame
from chat.protocol.frames import Person, Presence
from gateway.socket.feed import Follower
from gateway.socket.outgoing import Outgoing


class Attendance:
    """One workspace's presence as this gateway knows it."""

    def __init__(self, workspace: WorkspaceId, presence: PresencePort, people: People) -> None:
        self.workspace = workspace
        self.agents: set[Follower] = set()
        self.visitors: set[Follower] = set()
        self._presence = presence
        self._people = people
        self._online: dict[AccountId, bool] = {}
        self.idle_checks = 0
        """Checks in a row that found no follower."""

    @property
    def attended(self) -> bool:
        """Somebody takes new conversations."""
        return any(self._online.values())

    @property
    def is_followed(self) -> bool:
        return bool(self.agents or self.visitors)

    async def online(self) -> list[Person]:
        """Who is online, by name."""
        return await self._people.of(self._online)

    async def refresh(self) -> None:
        """Read who is there, and show what changed. Raises Unavailable."""
        before, was_attended = self._online, self.attended
        self._online = await self._presence.online(self.workspace)
        if self.attended is not was_attended:
            self._show(self.visitors, Outgoing(AttendanceFrame(0, self.attended), ephemeral=True))
        for account in sorted(before.keys() | self._online.keys()):
            if before.get(account) is not self._online.get(account):
                await self._show_person(account)

    async def _show_person(self, account: AccountId) -> None:
        is_online = account in self._online
        person = await self._people.person(account, available=self._online.get(account, False))
        if person is not None:
            self._show(self.agents, Outgoing(Presence(0, person, is_online), ephemeral=True))

    def _show(self, followers: set[Follower], outgoing: Outgoing) -> None:
        for follower in list(followers):
            follower.offer(outgoing)
