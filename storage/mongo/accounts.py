"""People who work in a workspace. Names and addresses are sealed; one is found by the keyed index of its address."""

from __future__ import annotations

from pymongo.errors import DuplicateKeyError

from chat.errors import Invalid
from chat.ids import AccountId, WorkspaceId
from chat.model import Account
from storage.mongo.client import Database, Document, reaching, writing
from storage.mongo.documents import UNOPENABLE, Reader, to_document
from storage.mongo.single import replace


class MongoAccounts:
    """``Accounts`` in the collection ``accounts``. An address belongs to one account of the whole install."""

    def __init__(self, database: Database) -> None:
        self._accounts = database["accounts"]

    async def add(self, account: Account) -> bool:
        """See ``Accounts``. One insert; the unique index ``email`` decides between two at once."""
        try:
            async with writing(self._accounts) as accounts:
                await accounts.insert_one(to_document(account, key="id"))
        except DuplicateKeyError:
            holder = await self.by_email(account.email_index)
            return holder is not None and holder.id == account.id
        return True

    async def get(self, account: AccountId) -> Account | None:
        """See ``Accounts``. By ``_id``."""
        return await self._one({"_id": account})

    async def by_email(self, email_index: bytes) -> Account | None:
        """See ``Accounts``. By the unique index ``email``."""
        return await self._one({"email_index": email_index})

    async def of(self, workspace: WorkspaceId) -> list[Account]:
        """See ``Accounts``. By the index ``of_workspace``; not paged, for a workspace has few."""
        async with reaching():
            cursor = self._accounts.find({"workspace": workspace}).sort([("created_at", 1), ("_id", 1)])
            found = await cursor.to_list(None)
        return [account for document in found if (account := _read(document))]

    async def save(self, account: Account) -> None:
        """See ``Accounts``. One replace; raises NotFound and Invalid as it says."""
        try:
            await replace(self._accounts, to_document(account, key="id"))
        except DuplicateKeyError:
            raise Invalid("email", "an address that no other account has") from None

    async def _one(self, where: Document) -> Account | None:
        async with reaching():
            found = await self._accounts.find_one(where)
        return _read(found) if found else None


# A name or an address may be damaged; what lets somebody in may not.
_read = Reader(
    "accounts",
    Account,
    key="id",
    stand_ins={"name": lambda _: UNOPENABLE, "email": lambda _: UNOPENABLE, "created_at": lambda _: 0},
)
