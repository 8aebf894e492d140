"""How people come into a workspace: by a one-time link, or at the command line."""

from __future__ import annotations

from msgspec import Struct

from chat.accounts.forms import checked_email, checked_name
from chat.accounts.people import Newcomer, People, address_taken
from chat.accounts.secret import digest, new_secret
from chat.accounts.strength import check_password
from chat.accounts.throttle import Throttle
from chat.clock import Clock
from chat.errors import Forbidden, Invalid, NotFound, Tampered
from chat.ids import AccountId, SubjectId, WorkspaceId
from chat.model import Account, AccountRole, Actor, Invitation, Role
from chat.ports import Invitations, Workspaces
from chat.sealing.personal import PersonalFields

INVITATION_HOURS = 24
_MAY_INVITE = {
    AccountRole.OWNER: frozenset(AccountRole),
    AccountRole.ADMIN: frozenset({AccountRole.ADMIN, AccountRole.AGENT}),
    AccountRole.AGENT: frozenset[AccountRole](),
}


class Invited(Struct, frozen=True):
    """What a one-time link offers. ``email`` is None when whoever opens it chooses the address."""

    workspace: str
    role: AccountRole
    email: str | None


class Answer(Struct, frozen=True):
    """What somebody fills in to accept an invitation. ``repr`` hides it."""

    name: str
    email: str
    password: str

    def __repr__(self) -> str:
        return "Answer(…)"


class Membership:
    """Invites people and admits them."""

    def __init__(
        self,
        people: People,
        invitations: Invitations,
        workspaces: Workspaces,
        fields: PersonalFields,
        throttle: Throttle,
        clock: Clock,
    ) -> None:
        self._people = people
        self._invitations = invitations
        self._workspaces = workspaces
        self._fields = fields
        self._throttle = throttle
        self._clock = clock

    async def invite(self, actor: Actor, role: AccountRole, email: str | None = None) -> str:
        """The token of a one-time link, good for 24 hours. With an address, only that address can accept it.

        Raises Forbidden when the actor's role may not, Invalid on ``email``: no address, or one that has an account.
        """
        _may_admit(actor, role)
        token = new_secret()
        account, sealed = None, b""
        if email is not None:
            email = await self._free(checked_email(email))
            account = self._people.new_id()
            sealed = await self._fields.seal(actor.workspace, SubjectId(account), "email", email)
        expires_at = self._clock.now_ms() + INVITATION_HOURS * 3_600_000
        await self._invitations.add(
            Invitation(digest(token), actor.workspace, role, expires_at, email=sealed, account=account)
        )
        return token

    async def create(self, actor: Actor, role: AccountRole, answer: Answer) -> Account:
        """An account with a password, without a link.

        Raises Forbidden, NotFound when the workspace is gone, Invalid on ``name``, ``email`` or ``password``.
        """
        _may_admit(actor, role)
        workspace = await self._workspace_name(actor.workspace)
        checked = await self._checked(answer, workspace)
        return await self._people.admit(_newcomer(self._people.new_id(), actor.workspace, role, checked))

    async def look_at(self, token: str, *, peer: str) -> Invited:
        """What a link offers. Raises NotFound when it was used, ran out, or never was; TooManyTries."""
        await self._throttle.admit_invitation(peer)
        invitation = await self._found(token)
        return Invited(
            await self._workspace_name(invitation.workspace), invitation.role, await self._email_of(invitation)
        )

    async def accept(self, token: str, answer: Answer, *, peer: str) -> Account:
        """The account that a link makes, once. Everything is checked before the link is taken, so that a slip of the
        pen does not use it up. Of two at once exactly one gets it. Raises NotFound, TooManyTries, and Invalid on
        ``name``, ``email`` (no address, taken, or not the invited one) or ``password``."""
        await self._throttle.admit_invitation(peer)
        invitation = await self._found(token)
        checked = await self._checked(answer, await self._workspace_name(invitation.workspace))
        offered = await self._email_of(invitation)
        if offered is not None and self._fields.email_index(offered) != self._fields.email_index(checked.email):
            raise Invalid("email", "the address that was invited")
        taken = await self._invitations.use(digest(token), now=self._clock.now_ms())
        if taken is None:
            raise NotFound("this link was used already")
        return await self._admitted(taken, checked)

    async def _admitted(self, taken: Invitation, checked: Answer) -> Account:
        newcomer = _newcomer(taken.account or self._people.new_id(), taken.workspace, taken.role, checked)
        try:
            return await self._people.admit(newcomer)
        except Invalid:  # somebody took the address since it was checked: the link stays good for another one
            await self._invitations.add(taken)
            raise

    async def _found(self, token: str) -> Invitation:
        invitation = await self._invitations.get(digest(token), now=self._clock.now_ms())
        if invitation is None:
            raise NotFound("this link was used already, or is too old")
        return invitation

    async def _checked(self, answer: Answer, workspace: str) -> Answer:
        name, email = checked_name(answer.name), checked_email(answer.email)
        check_password(answer.password, known=[name, email.rpartition(".")[0], workspace])
        return Answer(name, await self._free(email), answer.password)

    async def _free(self, email: str) -> str:
        if await self._people.is_taken(email):
            raise address_taken()
        return email

    async def _email_of(self, invitation: Invitation) -> str | None:
        if invitation.account is None:
            return None
        subject = SubjectId(invitation.account)
        try:
            return await self._fields.open(invitation.workspace, subject, "email", invitation.email)
        except Tampered:
            raise NotFound("this link cannot be read any more") from None

    async def _workspace_name(self, workspace: WorkspaceId) -> str:
        found = await self._workspaces.get(workspace)
        if found is None:
            raise NotFound("this workspace is gone")
        return found.name


def _newcomer(account: AccountId, workspace: WorkspaceId, role: AccountRole, checked: Answer) -> Newcomer:
    return Newcomer(account, workspace, role, checked.name, checked.email, checked.password)


def _may_admit(actor: Actor, role: AccountRole) -> None:
    if actor.role is Role.SYSTEM:
        return
    if actor.account_role is None or role not in _MAY_INVITE[actor.account_role]:
        raise Forbidden(f"inviting as {role} takes an owner, or an admin who does not invite an owner")
