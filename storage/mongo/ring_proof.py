"""The proof by which a key ring is known as this database's own."""

from __future__ import annotations

from storage.mongo.client import Database, reaching
from storage.mongo.documents import UNOPENABLE
from storage.mongo.single import insert_once

_ID = "ring_proof"


class MongoRingProof:
    """One document of the collection ``install``."""

    def __init__(self, database: Database) -> None:
        self._install = database["install"]

    async def kept(self) -> bytes | None:
        """The proof; None where none was kept yet. One that is damaged opens with no ring. Raises Unavailable."""
        async with reaching():
            found = await self._install.find_one({"_id": _ID})
        if found is None:
            return None
        proof = found.get("proof")
        return proof if isinstance(proof, bytes) else UNOPENABLE

    async def keep(self, proof: bytes) -> None:
        """Keep it, journaled on return; one that is there stays. Raises Unavailable."""
        await insert_once(self._install, {"_id": _ID, "proof": proof})
