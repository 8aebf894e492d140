"""One-time secrets that let a signed-in browser open a WebSocket."""

from __future__ import annotations

import msgspec

from chat.model import SignIn
from storage.redis.keys import key
from storage.redis.turn import Turn

_LIVE_MS = 30_000


class RedisTickets:
    """``Tickets``: a key each, gone after 30 s or when it is taken. A value holds ids and times, no personal data."""

    def __init__(self, turn: Turn) -> None:
        self._turn = turn

    async def add(self, ticket_hash: bytes, sign_in: SignIn) -> None:
        """See ``Tickets``. One SET with its end (PX)."""
        await self._turn.ask("SET", _key(ticket_hash), msgspec.json.encode(sign_in), "PX", _LIVE_MS)

    async def take(self, ticket_hash: bytes) -> SignIn | None:
        """See ``Tickets``. One GETDEL. After Unavailable it may be spent; the browser asks for another one."""
        found = await self._turn.ask("GETDEL", _key(ticket_hash))
        return msgspec.json.decode(found, type=SignIn) if found else None


def _key(ticket_hash: bytes) -> str:
    return key("ticket", ticket_hash.hex())
