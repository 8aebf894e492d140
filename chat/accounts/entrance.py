"""Sign-ins: who comes in, who is in, who leaves."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from chat.accounts.passwords import Passwords
from chat.accounts.people import Me, People
from chat.accounts.refusals import WrongCredentials
from chat.accounts.secret import SHOWN_CHARACTERS_LIMIT, digest, new_secret
from chat.accounts.throttle import Throttle
from chat.clock import Clock
from chat.model import Account, Actor, SignIn
from chat.ports import Accounts, Bus, SignIns, Tickets
from chat.protocol.facts import EVERYBODY, SignedOut, encode_fact
from chat.sealing.personal import PersonalFields


class Entered(Struct, frozen=True):
    """A fresh sign-in. The secret goes into the browser's cookie and is kept nowhere else; ``repr`` hides it."""

    secret: str
    me: Me

    def __repr__(self) -> str:
        return f"Entered({self.me.id})"


class Present(Struct, frozen=True):
    """Whoever holds a live sign-in."""

    actor: Actor
    sign_in: SignIn
    account: Account


class Entrance:
    """Signs people in and out, and hands out tickets for the gateway."""

    def __init__(
        self,
        people: People,
        accounts: Accounts,
        sign_ins: SignIns,
        tickets: Tickets,
        fields: PersonalFields,
        passwords: Passwords,
        throttle: Throttle,
        bus: Bus,
        clock: Clock,
    ) -> None:
        self._people = people
        self._accounts = accounts
        self._sign_ins = sign_ins
        self._tickets = tickets
        self._fields = fields
        self._passwords = passwords
        self._throttle = throttle
        self._bus = bus
        self._clock = clock

    async def sign_in(self, email: str, password: str, *, peer: str, leaving: str | None = None) -> Entered:
        """A new sign-in; the one whose secret is ``leaving`` ends. ``peer`` is the client's IP address.

        Raises WrongCredentials, with the same work done whether the account exists, is disabled, or neither;
        TooManyTries, before any of it. A hash of outdated parameters is made anew.
        """
        index = self._fields.email_index(email)
        await self._throttle.admit_sign_in(index, peer)
        account = await self._accounts.by_email(index)
        right = await self._passwords.verify(account.password_hash if account else None, password)
        if not right or account is None or account.disabled_at is not None:
            raise WrongCredentials("address or password is wrong")
        await self._keep_up_to_date(account, password)
        return await self.enter(account, leaving=leaving)

    async def enter(self, account: Account, *, leaving: str | None = None) -> Entered:
        """A sign-in for somebody who has just proved who they are; the one whose secret is ``leaving`` ends.

        Raises as ``People.me``, before anything changed.
        """
        me = await self._people.me(account)
        if leaving is not None:
            await self.sign_out(leaving)
        secret, now = new_secret(), self._clock.now_ms()
        key = digest(secret)
        await self._sign_ins.add(key, SignIn(key[:16].hex(), account.id, account.workspace, account.role, now, now))
        return Entered(secret, me)

    async def present(self, secret: str) -> Present | None:
        """Who holds this secret, its idle time started anew. None: nobody, not any more, or a disabled account."""
        if not secret or len(secret) > SHOWN_CHARACTERS_LIMIT:
            return None
        key = digest(secret)
        sign_in = await self._sign_ins.use(key, now=self._clock.now_ms())
        if sign_in is None:
            return None
        account = await self._accounts.get(sign_in.account)
        if account is None or account.disabled_at is not None:
            await self._sign_ins.end(key)
            return None
        return Present(Actor.agent(account.workspace, account.id, account.role), sign_in, account)

    async def me(self, present: Present) -> Me:
        """The signed-in account, opened. Raises as ``People.me``."""
        return await self._people.me(present.account)

    async def sign_out(self, secret: str) -> None:
        """End the sign-in of this secret, if there is one; its sockets are told at once."""
        key = digest(secret)
        sign_in = await self._sign_ins.use(key, now=self._clock.now_ms())
        if sign_in is not None:
            await self._sign_ins.end(key)
            await self._bus.publish(EVERYBODY, encode_fact(SignedOut(sign_in.account, sign_in.id)))

    async def ticket(self, present: Present) -> str:
        """A secret that opens one WebSocket within 30 seconds. The gateway looks it up by its SHA-256."""
        ticket = new_secret()
        await self._tickets.add(digest(ticket), present.sign_in)
        return ticket

    async def _keep_up_to_date(self, account: Account, password: str) -> None:
        if self._passwords.is_outdated(account.password_hash):
            await self._accounts.save(replace(account, password_hash=await self._passwords.hash(password)))
