"""The composition root: the one place that names concrete adapters and wires them to the rules."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import structlog

from chat.accounts.embedding import Embedding
from chat.accounts.links import invitation_link
from chat.accounts.membership import Membership
from chat.accounts.passwords import Passwords
from chat.accounts.people import People as Members
from chat.accounts.throttle import Throttle
from chat.clock import Clock, SystemClock, new_id
from chat.conversations.details import Details
from chat.conversations.known_sites import KnownSites
from chat.conversations.people import People
from chat.conversations.service import ConversationService
from chat.conversations.views import Views
from chat.delivery.pipeline import Delivery
from chat.errors import OperatorError, Unavailable
from chat.ids import WorkspaceId
from chat.inspection.repeats import Repeats
from chat.model import AccountRole, Actor, Workspace
from chat.ports import KeyRing
from chat.sealing.hierarchy import Hierarchy
from chat.sealing.messages import MessageSealer
from chat.sealing.personal import PersonalFields
from chat.sealing.self_test import self_test
from chat.visitors.token import VisitorTokens
from config.settings import Settings
from config.unreachable import Store, unreachable
from gateway.socket.parts import Parts
from gateway.web.address import address_of
from storage.keyring.file import create_ring, open_ring
from storage.mongo import client as mongo
from storage.mongo.accounts import MongoAccounts
from storage.mongo.api_tokens import MongoApiTokens
from storage.mongo.conversations import MongoConversations
from storage.mongo.indexes import ensure_indexes
from storage.mongo.invitations import MongoInvitations
from storage.mongo.messages import MongoMessages
from storage.mongo.sites import MongoSites
from storage.mongo.visitors import MongoVisitors
from storage.mongo.workspaces import MongoWorkspaces
from storage.mongo.wrapped_keys import MongoWrappedKeys
from storage.redis import client as redis
from storage.redis.budgets import RedisBudgets
from storage.redis.bus import RedisBus
from storage.redis.marks import RedisMarkBoard
from storage.redis.numbers import RedisNumbers
from storage.redis.presence import RedisPresence
from storage.redis.sign_ins import RedisSignIns
from storage.redis.tickets import RedisTickets
from storage.redis.turn import Turn

log = structlog.get_logger()

PATIENCE_S = 30.0
"""How long a starting process waits for a store that restarts beside it."""
_LOOK_EVERY_S = 0.2

Ping = Callable[[], Awaitable[None]]

FIRST_WORKSPACE = "Your business"
DEMO_SITE = "Fern & Oak"


@dataclass(frozen=True, slots=True)
class Stores:
    """Every adapter, by its port's name, and what is sealed with the key ring. Both stores answered."""

    clock: Clock
    ring: KeyRing
    keys: Hierarchy
    fields: PersonalFields
    sealer: MessageSealer
    details: Details
    numbers: RedisNumbers
    bus: RedisBus
    marks: RedisMarkBoard
    presence: RedisPresence
    sign_ins: RedisSignIns
    tickets: RedisTickets
    budgets: RedisBudgets
    messages: MongoMessages
    conversations: MongoConversations
    visitors: MongoVisitors
    workspaces: MongoWorkspaces
    sites: MongoSites
    accounts: MongoAccounts
    invitations: MongoInvitations
    api_tokens: MongoApiTokens
    ping_redis: Ping
    ping_mongodb: Ping


@dataclass(frozen=True, slots=True)
class FirstRun:
    """What ``aican up`` prints."""

    workspace_name: str
    demo_site_key: str
    owner_link: str | None
    """Sets up the owner's account, once; None when there is an owner."""


@asynccontextmanager
async def open_stores(settings: Settings, *, patience_s: float = PATIENCE_S) -> AsyncIterator[Stores]:
    """The stores that settings name, once they answer. Raises OperatorError: one is away, or the ring is not well."""
    self_test()
    ring = open_ring(settings.keyring)
    clock = SystemClock()
    async with AsyncExitStack() as opened:
        database = mongo.connect(settings.mongodb_address)
        opened.callback(mongo.close, database)
        connection = redis.connect(settings.redis_address)
        opened.push_async_callback(connection.aclose)
        await _answering(settings, "mongodb", functools.partial(mongo.ping, database), patience_s)
        await _answering(settings, "redis", functools.partial(redis.ping, connection), patience_s)
        await ensure_indexes(database)
        keys = Hierarchy(ring, MongoWrappedKeys(database), clock)
        fields = PersonalFields(keys, ring.derive("blind-index/v1"))
        turn = await opened.enter_async_context(Turn(connection))
        yield Stores(
            clock=clock,
            ring=ring,
            keys=keys,
            fields=fields,
            sealer=MessageSealer(keys),
            details=Details(fields),
            numbers=RedisNumbers(turn),
            bus=await opened.enter_async_context(RedisBus(connection, turn)),
            marks=RedisMarkBoard(turn),
            presence=RedisPresence(turn),
            sign_ins=RedisSignIns(turn),
            tickets=RedisTickets(turn),
            budgets=RedisBudgets(turn),
            messages=await opened.enter_async_context(MongoMessages(database)),
            conversations=MongoConversations(database),
            visitors=MongoVisitors(database),
            workspaces=MongoWorkspaces(database),
            sites=MongoSites(database),
            accounts=MongoAccounts(database),
            invitations=MongoInvitations(database),
            api_tokens=MongoApiTokens(database),
            ping_redis=functools.partial(redis.ping, connection),
            ping_mongodb=functools.partial(mongo.ping, database),
        )


def gateway_parts(stores: Stores, settings: Settings) -> Parts:
    """What the gateway is made of."""
    people = People(stores.accounts, stores.fields, stores.clock)
    sites = KnownSites(stores.sites, stores.clock)
    delivery = Delivery(stores.numbers, stores.sealer, stores.messages, stores.bus)
    return Parts(
        clock=stores.clock,
        bus=stores.bus,
        numbers=stores.numbers,
        messages=stores.messages,
        conversations=stores.conversations,
        visitors=stores.visitors,
        marks=stores.marks,
        presence=stores.presence,
        sites=sites,
        workspaces=stores.workspaces,
        sign_ins=stores.sign_ins,
        tickets=stores.tickets,
        service=conversation_service(stores, delivery),
        delivery=delivery,
        sealer=stores.sealer,
        details=stores.details,
        views=Views(stores.sealer, stores.details, people, stores.messages, stores.visitors, sites),
        people=people,
        repeats=Repeats(stores.ring.derive("repeats/v1")),
        tokens=VisitorTokens(stores.ring.derive("visitor-token/v1")),
        own_origins=address_of(settings.public_url).origins,
        pings={"mongodb": stores.ping_mongodb, "redis": stores.ping_redis},
    )


def conversation_service(stores: Stores, delivery: Delivery | None = None) -> ConversationService:
    """The rules of conversations on these stores."""
    delivery = delivery or Delivery(stores.numbers, stores.sealer, stores.messages, stores.bus)
    return ConversationService(stores.conversations, delivery, stores.bus, stores.clock)


def membership(stores: Stores, passwords: Passwords) -> Membership:
    """Invitations and accounts on these stores."""
    throttle = Throttle(stores.budgets, stores.ring.derive("throttle/v1"))
    members = Members(stores.accounts, stores.workspaces, stores.fields, passwords, stores.clock)
    return Membership(members, stores.invitations, stores.workspaces, stores.fields, throttle, stores.clock)


async def first_run(settings: Settings) -> FirstRun:
    """Make what is missing for a start: key ring, workspace, demo site, and a link for the owner while there is none.

    A missing key ring beside a store that holds something is never replaced: what is stored needs the old one.
    """
    if not settings.keyring.exists():
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
    database = mongo.connect(settings.mongodb_address)
    try:
        await _answering(settings, "mongodb", functools.partial(mongo.ping, database), PATIENCE_S)
        if await MongoWorkspaces(database).first() is not None:
            raise OperatorError(
                f"There is no key ring at {settings.keyring}, but the database holds sealed records.",
                "Restore the key ring from your backup, or point AICAN_KEYRING at it.",
            )
    finally:
        mongo.close(database)
    create_ring(settings.keyring)


async def _first_workspace(stores: Stores) -> Workspace:
    workspace = Workspace(WorkspaceId(new_id(stores.clock)), FIRST_WORKSPACE, stores.clock.now_ms())
    await stores.workspaces.add(workspace)
    return workspace


async def _owner_link(stores: Stores, settings: Settings, workspace: Workspace) -> str | None:
    accounts = await stores.accounts.of(workspace.id)
    if any(account.role is AccountRole.OWNER for account in accounts):
        return None
    await stores.invitations.withdraw(workspace.id, AccountRole.OWNER)
    passwords = Passwords()
    try:
        token = await membership(stores, passwords).invite(Actor.system(workspace.id), AccountRole.OWNER)
    finally:
        passwords.close()
    return invitation_link(settings.public_url, token)


async def _answering(settings: Settings, store: Store, ping: Ping, patience_s: float) -> None:
    """Wait until a store answers, and say so. Raises OperatorError when it does not within ``patience_s``."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + patience_s
    is_told = False
    while True:
        try:
            await ping()
            return
        except Unavailable as error:
            if loop.time() >= deadline:
                raise unreachable(settings, store) from error
            if not is_told:
                log.warning("waiting for a store", store=store, seconds=patience_s)
                is_told = True
        await asyncio.sleep(_LOOK_EVERY_S)
