"""The names of those who work in a workspace, as colleagues and visitors see them."""

from __future__ import annotations

from collections import OrderedDict
from uuid import UUID

from chat.clock import Clock
from chat.errors import Tampered
from chat.ids import AccountId
from chat.model import Account
from chat.ports import Accounts
from chat.protocol.frames import Person
from chat.sealing.personal import PersonalFields

REMEMBERED = 2_000
SECONDS = 30.0
"""A changed name is seen everywhere within this time."""


class People:
    """Opens accounts' names, and remembers them for half a minute, the 2,000 opened last."""

    def __init__(self, accounts: Accounts, fields: PersonalFields, clock: Clock) -> None:
        self._accounts = accounts
        self._fields = fields
        self._clock = clock
        self._known: OrderedDict[UUID, tuple[float, Person | None]] = OrderedDict()

    async def person(self, account: UUID, *, available: bool = False) -> Person | None:
        """The person behind an account, None when there is none. A name that does not open is empty."""
        until, person = self._known.get(account, (0.0, None))
        if self._clock.monotonic() >= until:
            person = await self._opened(AccountId(account))
            self._remember(account, person)
        if person is None:
            return None
        return Person(person.account, person.name, person.role, available)

    async def of(self, accounts: dict[AccountId, bool]) -> list[Person]:
        """The people behind these accounts with their availability, in order of name."""
        found = [await self.person(account, available=available) for account, available in accounts.items()]
        return sorted((person for person in found if person), key=lambda person: (person.name, person.account))

    async def _opened(self, account: AccountId) -> Person | None:
        record = await self._accounts.get(account)
        if record is None:
            return None
        return Person(record.id, await self._name(record), record.role.value, False)

    async def _name(self, record: Account) -> str:
        try:
            return await self._fields.open(record.workspace, record.subject, "name", record.name)
        except Tampered:
            return ""  # shown without a name rather than not at all

    def _remember(self, account: UUID, person: Person | None) -> None:
        self._known[account] = (self._clock.monotonic() + SECONDS, person)
        self._known.move_to_end(account)
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
