"""Who is online."""

from __future__ import annotations

from uuid import UUID

from chat.ids import AccountId, WorkspaceId
from storage.redis.keys import key
from storage.redis.scripts import lua, script
from storage.redis.turn import Turn

TOUCH = script(lua("clock"), lua("touch"))
ONLINE = script(lua("clock"), lua("online"))

# Callers touch each 15 s, and one may get lost. It is also how long somebody seems there whose gateway died with them:
# whoever only loses the connection is let go by the gateway, sooner.
_LIVE_MS = 31_000


class RedisPresence:
    """``Presence`` in one hash for each workspace, with an entry for each connection that lives 31 s from a touch."""

    def __init__(self, turn: Turn) -> None:
        self._turn = turn

    async def touch(self, workspace: WorkspaceId, account: AccountId, connection: str, *, available: bool) -> None:
        """See ``Presence``. One script, one trip; lives by the clock of Redis, so that gateways' need not agree."""
        entry = f"{account}/{connection}"
        await self._turn.run(TOUCH, [key("presence", workspace)], entry, int(available), _LIVE_MS)

    async def leave(self, workspace: WorkspaceId, account: AccountId, connection: str) -> None:
        """See ``Presence``. One HDEL."""
        await self._turn.ask("HDEL", key("presence", workspace), f"{account}/{connection}")

    async def online(self, workspace: WorkspaceId) -> dict[AccountId, bool]:
        """See ``Presence``. One script, which also removes what is over; its work grows with the connections."""
        live: list[bytes] = await self._turn.run(ONLINE, [key("presence", workspace)])
        merged: dict[AccountId, bool] = {}
        for entry, value in zip(live[::2], live[1::2], strict=True):
            account = AccountId(UUID(entry.decode().partition("/")[0]))
            merged[account] = merged.get(account, False) or value.startswith(b"1")
        return merged
