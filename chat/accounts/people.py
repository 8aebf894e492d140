"""Accounts as their owners and colleagues see them: made and read in one place, so that sealing is never forgotten."""

from __future__ import annotations

import logging

from msgspec import Struct

from chat.accounts.passwords import Passwords
from chat.clock import Clock, new_id
from chat.errors import Invalid, NotFound, Tampered
from chat.ids import AccountId, SubjectId, WorkspaceId
from chat.model import Account, AccountRole
from chat.ports import Accounts, Workspaces
from chat.sealing.personal import PersonalFields

_log = logging.getLogger(__name__)


class Me(Struct, frozen=True):
    """An account, opened, with the name of its workspace. Stand-ins for what was altered: see ``People.me``."""

    id: AccountId
    name: str
    email: str
    role: AccountRole
    workspace: str


class Newcomer(Struct, frozen=True):
    """Somebody about to get an account; everything in it was checked. ``repr`` hides it."""

    id: AccountId
    workspace: WorkspaceId
    role: AccountRole
    name: str
    email: str
    password: str

    def __repr__(self) -> str:
        return f"Newcomer({self.id}, {self.role})"


class People:
    """Makes accounts and opens them."""

    def __init__(
        self, accounts: Accounts, workspaces: Workspaces, fields: PersonalFields, passwords: Passwords, clock: Clock
    ) -> None:
        self._accounts = accounts
        self._workspaces = workspaces
        self._fields = fields
        self._passwords = passwords
        self._clock = clock

    def new_id(self) -> AccountId:
        """An id for an account to be: its key is made under it before the account is kept."""
        return AccountId(new_id(self._clock))

    async def is_taken(self, email: str) -> bool:
        """Whether an account of this install has the address."""
        return await self._accounts.by_email(self._fields.email_index(email)) is not None

    async def admit(self, newcomer: Newcomer) -> Account:
        """Seal, hash and keep an account. Raises Invalid on ``email`` when the address is taken."""
        account = await self._sealed(newcomer)
        if not await self._accounts.add(account):
            raise address_taken()
        return account

    async def me(self, account: Account) -> Me:
        """The account, opened. Raises NotFound when its workspace is gone.

        An address that does not open is empty, a name that does not is what stands before the address's @, or the
        role: whoever proved by the password who they are is not locked out by damage to a name. The log says which.
        """
        workspace = await self._workspaces.get(account.workspace)
        if workspace is None:
            raise NotFound("this account's workspace is gone")
        name, email = await self._opened(account, "name"), await self._opened(account, "email")
        return Me(account.id, name or email.partition("@")[0] or str(account.role), email, account.role, workspace.name)

    async def _opened(self, account: Account, field: str) -> str:
        blob: bytes = getattr(account, field)
        try:
            return await self._fields.open(account.workspace, account.subject, field, blob)
        except Tampered:
            _log.error("does not open: accounts, _id %s, %s", account.id, field)
            return ""

    async def _sealed(self, newcomer: Newcomer) -> Account:
        subject = SubjectId(newcomer.id)
        return Account(
            id=newcomer.id,
            workspace=newcomer.workspace,
            role=newcomer.role,
            name=await self._fields.seal(newcomer.workspace, subject, "name", newcomer.name),
            email=await self._fields.seal(newcomer.workspace, subject, "email", newcomer.email),
            email_index=self._fields.email_index(newcomer.email),
            password_hash=await self._passwords.hash(newcomer.password),
            created_at=self._clock.now_ms(),
        )


def address_taken() -> Invalid:
    """What is raised for an address that has an account: the same words whoever's workspace it is in."""
    return Invalid("email", "an address that no account has yet")
