"""Who wrote: names of agents and visitors, opened once each and remembered for as long as one transcript takes."""

from __future__ import annotations

import logging
from collections import OrderedDict
from uuid import UUID

from chat.errors import Tampered
from chat.ids import AccountId, SubjectId, VisitorId, WorkspaceId
from chat.model import MessageView, Role
from chat.ports import Accounts, Visitors
from chat.sealing.personal import PersonalFields

REMEMBERED = 1_000
"""An export of a million conversations must not hold a million names; agents are few and come again."""
_log = logging.getLogger(__name__)
"""Not structlog's, which writes to standard output where nobody set it up: there `aican export` writes transcripts."""


class Names:
    """Names of one workspace's people. Empty for the system, for who never gave one, and for who was erased."""

    def __init__(self, workspace: WorkspaceId, accounts: Accounts, visitors: Visitors, fields: PersonalFields) -> None:
        self._workspace = workspace
        self._accounts = accounts
        self._visitors = visitors
        self._fields = fields
        self._known: OrderedDict[UUID, str] = OrderedDict()

    async def of(self, message: MessageView) -> str:
        """The name of a message's author as it is today."""
        if message.author is None:
            return ""
        if message.author not in self._known:
            self._remember(message.author, await self._read(message.role, message.author))
        self._known.move_to_end(message.author)
        return self._known[message.author]

    def _remember(self, author: UUID, name: str) -> None:
        self._known[author] = name
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)

    async def _read(self, role: Role, author: UUID) -> str:
        try:
            return await self._opened(role, author)
        except Tampered:
            collection = "accounts" if role is Role.AGENT else "visitors"
            _log.error("a name does not open: %s, _id %s", collection, author)
            return ""

    async def _opened(self, role: Role, author: UUID) -> str:
        person = await (
            self._accounts.get(AccountId(author)) if role is Role.AGENT else self._visitors.get(VisitorId(author))
        )
        if person is None or person.workspace != self._workspace:
            return ""
        return await self._fields.open(self._workspace, SubjectId(author), "name", person.name)
