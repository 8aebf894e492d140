"""The doors to people: visitors, accounts, and the links by which accounts come to be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from chat.ids import AccountId, VisitorId, WorkspaceId
from chat.model import Account, Invitation, VisitorProfile


class Visitors(Protocol):
    """What visitors said of themselves, sealed."""

    async def get(self, visitor: VisitorId) -> VisitorProfile | None:
        """The visitor's profile, None when they said nothing."""
        ...

    async def many(self, visitors: Sequence[VisitorId]) -> dict[VisitorId, VisitorProfile]:
        """The profiles of those who said anything, in one query."""
        ...

    async def save(self, profile: VisitorProfile) -> None:
        """Keep it, in place of an earlier one; of two at once the later one stays, whole."""
        ...


class Accounts(Protocol):
    """People who work in a workspace. An address belongs to one account of the whole install."""

    async def add(self, account: Account) -> bool:
        """Keep it. False when another account has the id or the address: then nothing was kept.

        Added again after a lost answer it is True again.
        """
        ...

    async def get(self, account: AccountId) -> Account | None:
        """The account with this id, of whatever workspace, disabled ones too; None when there is none."""
        ...

    async def by_email(self, email_index: bytes) -> Account | None:
        """The account whose address has this blind index (``PersonalFields.email_index``), None when none has."""
        ...

    async def of(self, workspace: WorkspaceId) -> list[Account]:
        """All of the workspace, disabled ones too, in order of creation."""
        ...

    async def save(self, account: Account) -> None:
        """Replace it whole; of two at once the later one stays.

        Raises NotFound when there is no such account, Invalid on ``email`` when another one has the address.
        """
        ...


class Invitations(Protocol):
    """One-time links, by the SHA-256 of their token."""

    async def add(self, invitation: Invitation) -> None:
        """Keep it until it is used, withdrawn or expired."""
        ...

    async def get(self, token_hash: bytes, *, now: int) -> Invitation | None:
        """The invitation, still to be used. None when used, expired at ``now``, or unknown."""
        ...

    async def use(self, token_hash: bytes, *, now: int) -> Invitation | None:
        """Take it: of two at once exactly one gets it. None as in ``get``. After Unavailable it may be used up."""
        ...

    async def withdraw(self, workspace: WorkspaceId, role: str) -> None:
        """Delete the unused ones of this role (an ``AccountRole`` value)."""
        ...

    async def expire(self, *, now: int) -> int:
        """Delete those that ran out by ``now``, of all workspaces; how many."""
        ...
