"""The doors to what opens something by being shown. Stores know each only by the SHA-256 of its secret."""

from __future__ import annotations

from typing import Protocol

from chat.ids import AccountId
from chat.model import ApiToken, SignIn


class ApiTokens(Protocol):
    """Bearer tokens."""

    async def add(self, token: ApiToken) -> None:
        """Keep it until it expires, for ever when it has no end."""
        ...

    async def get(self, token_hash: bytes, *, now: int) -> ApiToken | None:
        """The token; None when unknown or expired at ``now``. Its scopes are the caller's to check."""
        ...

    async def expire(self, *, now: int) -> int:
        """Delete those that ran out by ``now``, of all workspaces; how many."""
        ...


class SignIns(Protocol):
    """Server-side sign-ins: 12 hours at most, 30 minutes without use."""

    async def add(self, secret_hash: bytes, sign_in: SignIn) -> None:
        """Keep it until it is over; one that was over at its ``used_at`` is not kept.

        Raises ValueError when ``sign_in.id`` is not the first 16 bytes of ``secret_hash`` in hexadecimal.
        """
        ...

    async def use(self, secret_hash: bytes, *, now: int) -> SignIn | None:
        """The live sign-in, its idle time started anew; None when ended or expired.

        Idle time is measured to the minute: uses within a minute of the last one that was noted are not noted.
        """
        ...

    async def keep(self, sign_in_id: str, *, now: int) -> SignIn | None:
        """As ``use``, by the sign-in's name: for somebody whose console is open though no page is asked for."""
        ...

    async def is_live(self, account: AccountId, sign_in: str) -> bool:
        """Whether the account's sign-in of this name is live; its idle time runs on."""
        ...

    async def end(self, secret_hash: bytes) -> None:
        """End it; one that is unknown already has. What ended never comes back, whatever use is under way."""
        ...

    async def end_all(self, account: AccountId) -> None:
        """End all of an account in one step, whatever use is under way."""
        ...


class Tickets(Protocol):
    """One-time secrets that let a signed-in browser open a WebSocket, good for 30 seconds of the store's clock."""

    async def add(self, ticket_hash: bytes, sign_in: SignIn) -> None:
        """Keep it with the sign-in it was made for."""
        ...

    async def take(self, ticket_hash: bytes) -> SignIn | None:
        """The sign-in it was made for, to one caller; None when taken, too old or unknown.

        After Unavailable it may be spent. Whether the sign-in is still live ``SignIns.is_live`` says.
        """
        ...
