"""The door to who is online."""

from __future__ import annotations

from typing import Protocol

from chat.ids import AccountId, WorkspaceId


class Presence(Protocol):
    """Who is online. An entry per connection, gone unless touched within its time to live (31 s); merged by account.

    ``connection`` names a connection of the account, uniquely among its connections on all gateways.
    """

    async def touch(self, workspace: WorkspaceId, account: AccountId, connection: str, *, available: bool) -> None:
        """This connection is alive from now on for its time to live; ``available``: it takes conversations."""
        ...

    async def leave(self, workspace: WorkspaceId, account: AccountId, connection: str) -> None:
        """This connection is gone, at once; one that is unknown already is."""
        ...

    async def online(self, workspace: WorkspaceId) -> dict[AccountId, bool]:
        """Accounts with a live connection, and whether they take conversations: whether any connection does."""
        ...
