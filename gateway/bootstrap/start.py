"""The first start: what an install needs before anybody can use it."""

from __future__ import annotations

from dataclasses import dataclass

from chat.accounts.embedding import Embedding
from chat.accounts.links import invitation_link
from chat.clock import new_id
from chat.errors import OperatorError
from chat.ids import WorkspaceId
from chat.model import AccountRole, Actor, Workspace
from config.settings import Settings
from gateway.bootstrap.connections import PATIENCE_S, answer_of_mongodb
from gateway.bootstrap.services import hashing, membership
from gateway.bootstrap.stores import Stores, open_stores
from gateway.web.address import address_of
from storage.keyring.file import create_ring, is_there
from storage.mongo import client as mongo
from storage.mongo.workspaces import MongoWorkspaces

FIRST_WORKSPACE = "Your business"
DEMO_SITE = "Fern & Oak"


@dataclass(frozen=True, slots=True)
class FirstRun:
    """What ``aican up`` prints."""

    workspace_name: str
    demo_site_key: str
    owner_link: str | None
    """Sets up the owner's account, once; None when there is an owner."""


async def first_run(settings: Settings) -> FirstRun:
    """Make what is missing for a start: key ring, workspace, demo site, and a link for the owner while there is none.

    A missing key ring beside a store that holds something is never replaced: what is stored needs the old one.
    Raises OperatorError for that, for a ring that is not well, and for a store that is away.
    """
    if not is_there(settings.keyring):
        await _create_ring_for_an_empty_store(settings)
    async with open_stores(settings) as stores:
        workspace = await stores.workspaces.first() or await _first_workspace(stores)
        system = Actor.system(workspace.id)
        sites = await stores.sites.of(workspace.id)
        if not sites:
            embedding = Embedding(stores.sites, stores.clock, settings.public_url)
            sites = [await embedding.add(system, DEMO_SITE, sorted(address_of(settings.public_url).origins))]
        return FirstRun(workspace.name, sites[0].id, await _owner_link(stores, settings, workspace))


async def _create_ring_for_an_empty_store(settings: Settings) -> None:
    if await holds_records(settings, patience_s=PATIENCE_S):
        raise lost_ring(settings)
    create_ring(settings.keyring)


async def holds_records(settings: Settings, *, patience_s: float) -> bool:
    """Whether the database has a workspace, whose key the ring wraps. Raises OperatorError when it is away."""
    return await answer_of_mongodb(settings, _has_workspace, patience_s)


async def _has_workspace(database: mongo.Database) -> bool:
    return await MongoWorkspaces(database).first() is not None


def lost_ring(settings: Settings) -> OperatorError:
    """The error for sealed records without the key ring that opens them."""
    return OperatorError(
        f"There is no key ring at {settings.keyring}, but the database holds sealed records.",
        "Restore the key ring from your backup, or point AICAN_KEYRING at it.",
    )


async def _first_workspace(stores: Stores) -> Workspace:
    workspace = Workspace(WorkspaceId(new_id(stores.clock)), FIRST_WORKSPACE, stores.clock.now_ms())
    await stores.workspaces.add(workspace)
    return workspace


async def _owner_link(stores: Stores, settings: Settings, workspace: Workspace) -> str | None:
    accounts = await stores.accounts.of(workspace.id)
    if any(account.role is AccountRole.OWNER for account in accounts):
        return None
    await stores.invitations.withdraw(workspace.id, AccountRole.OWNER)
    with hashing() as passwords:
        token = await membership(stores, passwords).invite(Actor.system(workspace.id), AccountRole.OWNER)
    return invitation_link(settings.public_url, token)
