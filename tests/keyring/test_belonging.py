"""A key ring that is whole, but another's, is known by the database before it seals or opens anything."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from chat.clock import SystemClock
from chat.ids import SubjectId, WorkspaceId
from chat.model import Workspace
from chat.sealing.hierarchy import Hierarchy
from gateway.bootstrap.ring import belongs, settle
from storage.keyring.file import FileKeyRing, create_ring, open_ring
from storage.mongo import Database, MongoWorkspaces, MongoWrappedKeys, close, connect

pytestmark = pytest.mark.stores

WORKSPACE = WorkspaceId(uuid4())


@pytest.fixture
async def database(mongodb_url: str) -> AsyncIterator[Database]:
    database = connect(mongodb_url)
    yield database
    close(database)


def a_ring(directory: Path) -> FileKeyRing:
    path = directory / secrets.token_hex(4)
    create_ring(path)
    return open_ring(path)


async def an_older_install(database: Database, ring: FileKeyRing) -> None:
    """One that has sealed something and kept no proof."""
    await MongoWorkspaces(database).add(Workspace(WORKSPACE, "Fern", 1))
    await Hierarchy(ring, MongoWrappedKeys(database), SystemClock()).person(WORKSPACE, SubjectId(uuid4()), make=True)


async def test_the_first_ring_is_the_databases_and_no_other_ever_is(database: Database, tmp_path: Path) -> None:
    first, other = a_ring(tmp_path), a_ring(tmp_path)
    assert await settle(first, database)
    assert await settle(first, database)
    assert not await settle(other, database)
    assert not await belongs(other, database)
    assert await belongs(first, database)


async def test_looking_settles_nothing(database: Database, tmp_path: Path) -> None:
    assert await belongs(a_ring(tmp_path), database)
    assert await settle(a_ring(tmp_path), database)


async def test_an_install_from_before_is_known_by_what_it_sealed(database: Database, tmp_path: Path) -> None:
    own, other = a_ring(tmp_path), a_ring(tmp_path)
    await an_older_install(database, own)
    assert not await settle(other, database)
    assert await settle(own, database)
    assert not await settle(other, database)


async def test_once_it_is_settled_damage_to_what_was_sealed_speaks_against_nobody(
    database: Database, tmp_path: Path
) -> None:
    own = a_ring(tmp_path)
    await an_older_install(database, own)
    assert await settle(own, database)
    await database["workspace_keys"].update_many({}, {"$set": {"key": b"altered"}})
    assert await settle(own, database)


async def test_a_proof_that_is_damaged_is_no_rings(database: Database, tmp_path: Path) -> None:
    own = a_ring(tmp_path)
    assert await settle(own, database)
    await database["install"].update_many({}, {"$set": {"proof": "a text"}})
    assert not await settle(own, database)
