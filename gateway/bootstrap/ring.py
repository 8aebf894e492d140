"""Whether the key ring and the database belong together: with another ring nothing old opens, and all new is lost."""

from __future__ import annotations

import functools

from chat.errors import OperatorError
from chat.ports import KeyRing
from chat.sealing.belonging import is_proven, opens, proof
from config.settings import Settings
from gateway.bootstrap.connections import answer_of_mongodb
from storage.mongo import client as mongo
from storage.mongo.ring_proof import MongoRingProof
from storage.mongo.workspaces import MongoWorkspaces
from storage.mongo.wrapped_keys import MongoWrappedKeys


async def belongs(ring: KeyRing, database: mongo.Database) -> bool:
    """Whether nothing speaks against the ring; nothing is written. Raises Unavailable."""
    kept = await MongoRingProof(database).kept()
    return await _opens_what_is_sealed(ring, database) if kept is None else is_proven(ring, kept)


async def settle(ring: KeyRing, database: mongo.Database) -> bool:
    """Whether the ring is the database's; the first one that nothing speaks against becomes it. Raises Unavailable."""
    proofs = MongoRingProof(database)
    kept = await proofs.kept()
    if kept is None and await _opens_what_is_sealed(ring, database):
        await proofs.keep(proof(ring))
        kept = await proofs.kept()  # of two processes at once the first one's stays
    return kept is not None and is_proven(ring, kept)


async def _opens_what_is_sealed(ring: KeyRing, database: mongo.Database) -> bool:
    """Whether it opens the first workspace's key, or there is none: what an install from before proofs goes by."""
    workspace = await MongoWorkspaces(database).first()
    wrapped = await MongoWrappedKeys(database).workspace(workspace.id) if workspace else None
    return workspace is None or wrapped is None or opens(ring, workspace.id, wrapped)


async def belongs_to_store(settings: Settings, ring: KeyRing, *, patience_s: float) -> bool:
    """``belongs``, on a connection of its own. Raises OperatorError when the database is away."""
    return await answer_of_mongodb(settings, functools.partial(belongs, ring), patience_s)


def foreign_ring(settings: Settings) -> OperatorError:
    """The error for a ring of another install, or one that was made anew."""
    return OperatorError(
        f"The key ring {settings.keyring} is whole, but it is not the one that this database was sealed with.",
        "Restore that one from your backup, or point AICAN_KEYRING at it.",
    )
