"""What visitors said of themselves, sealed."""

from __future__ import annotations

from collections.abc import Sequence

from chat.ids import VisitorId
from chat.model import VisitorProfile
from storage.mongo.client import Database, reaching, writing
from storage.mongo.documents import UNOPENABLE, Reader, to_document


class MongoVisitors:
    """``Visitors`` in the collection ``visitors``, one document for each visitor who said anything."""

    def __init__(self, database: Database) -> None:
        self._visitors = database["visitors"]

    async def get(self, visitor: VisitorId) -> VisitorProfile | None:
        """See ``Visitors``. By ``_id``."""
        return (await self.many([visitor])).get(visitor)

    async def many(self, visitors: Sequence[VisitorId]) -> dict[VisitorId, VisitorProfile]:
        """See ``Visitors``. One query by ``_id``, whatever their number: callers ask for a page of a list."""
        async with reaching():
            found = await self._visitors.find({"_id": {"$in": list(visitors)}}).to_list(None)
        return {profile.visitor: profile for document in found if (profile := _read(document))}

    async def save(self, profile: VisitorProfile) -> None:
        """See ``Visitors``. One upsert."""
        async with writing(self._visitors) as visitors:
            await visitors.replace_one({"_id": profile.visitor}, to_document(profile, key="visitor"), upsert=True)


_read = Reader(
    "visitors",
    VisitorProfile,
    key="visitor",
    stand_ins={"name": lambda _: UNOPENABLE, "email": lambda _: UNOPENABLE},
)
