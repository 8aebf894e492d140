"""Where widgets may be embedded."""

from __future__ import annotations

from chat.ids import SiteId, WorkspaceId
from chat.model import Site
from storage.mongo.client import Database, reaching
from storage.mongo.documents import Reader, to_document
from storage.mongo.single import insert_once, replace


class MongoSites:
    """``Sites`` in the collection ``sites``."""

    def __init__(self, database: Database) -> None:
        self._sites = database["sites"]

    async def get(self, site: SiteId) -> Site | None:
        """See ``Sites``. By ``_id``."""
        async with reaching():
            found = await self._sites.find_one({"_id": site})
        return _read(found) if found else None

    async def of(self, workspace: WorkspaceId) -> list[Site]:
        """See ``Sites``. By the index ``of_workspace``; not paged, for a workspace has few."""
        async with reaching():
            cursor = self._sites.find({"workspace": workspace}).sort([("created_at", 1), ("_id", 1)])
            found = await cursor.to_list(None)
        return [site for document in found if (site := _read(document))]

    async def add(self, site: Site) -> None:
        """See ``Sites``. One insert."""
        await insert_once(self._sites, to_document(site, key="id"))

    async def save(self, site: Site) -> None:
        """See ``Sites``. One replace; raises NotFound as it says."""
        await replace(self._sites, to_document(site, key="id"))


# A damaged site greets nobody and is embedded nowhere but on our own pages; its key and whose it is it must know.
_read = Reader(
    "sites",
    Site,
    key="id",
    stand_ins={
        "name": lambda sound: sound["id"],
        "origins": lambda _: (),
        "greeting": lambda _: "",
        "policy_url": lambda sound: f"/policy?site={sound['id']}",
        "policy_version": lambda _: "",
        "created_at": lambda _: 0,
        "greeting_zh": lambda _: "",
    },
)
