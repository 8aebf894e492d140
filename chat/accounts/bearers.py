"""Bearer tokens for the REST interface: made at the command line, shown once."""

from __future__ import annotations

from chat.accounts.forms import checked_name
from chat.accounts.secret import SHOWN_CHARACTERS_LIMIT, digest, new_secret
from chat.clock import Clock
from chat.errors import Forbidden, Invalid
from chat.model import AccountRole, Actor, ApiToken, Role
from chat.ports import ApiTokens

PREFIX = "aican_"
"""So that scanners for leaked secrets can tell what they found."""
READ_TRANSCRIPTS = "transcripts:read"
MAX_DAYS = 3_650


class Bearers:
    """Makes bearer tokens and knows whose they are."""

    def __init__(self, tokens: ApiTokens, clock: Clock) -> None:
        self._tokens = tokens
        self._clock = clock

    async def create(self, actor: Actor, name: str, *, expires_days: int | None = None) -> str:
        """A token that reads the transcripts of the actor's workspace: ``aican_`` and 43 characters, shown once.

        It is kept as SHA-256; ``expires_days`` is 1 to 3,650, None for ever.

        Raises Forbidden unless the actor is an owner or the system, Invalid on ``name`` and ``expires_days``.
        """
        if actor.role is not Role.SYSTEM and actor.account_role is not AccountRole.OWNER:
            raise Forbidden("making tokens takes an owner")
        if expires_days is not None and not 1 <= expires_days <= MAX_DAYS:
            raise Invalid("expires_days", f"between 1 and {MAX_DAYS}")
        token, now = PREFIX + new_secret(), self._clock.now_ms()
        expires_at = None if expires_days is None else now + expires_days * 86_400_000
        await self._tokens.add(ApiToken(digest(token), actor.workspace, checked_name(name), now, expires_at))
        return token

    async def actor(self, token: str, scope: str) -> Actor | None:
        """Whom a token speaks for: the system of its workspace. None when unknown, expired, or without the scope."""
        if not token or len(token) > SHOWN_CHARACTERS_LIMIT:
            return None
        found = await self._tokens.get(digest(token), now=self._clock.now_ms())
        if found is None or scope not in found.scopes:
            return None
        return Actor.system(found.workspace)
