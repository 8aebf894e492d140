"""Both stores with every adapter on them, and the keys of what they hold."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from chat.clock import Clock, SystemClock
from chat.conversations.details import Details
from chat.ports import KeyRing
from chat.sealing.hierarchy import Hierarchy
from chat.sealing.messages import MessageSealer
from chat.sealing.personal import PersonalFields
from chat.sealing.self_test import self_test
from config.settings import Settings
from gateway.bootstrap.connections import PATIENCE_S, Ping, answering, connected
from gateway.bootstrap.ring import foreign_ring, settle
from storage.keyring.file import open_ring
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


@asynccontextmanager
async def open_stores(settings: Settings, *, patience_s: float = PATIENCE_S) -> AsyncIterator[Stores]:
    """The stores that settings name, once they answer; each has ``patience_s`` seconds to.

    Raises OperatorError: a store is away or does not take us, or the key ring is not well, or another's.
    """
    self_test()
    ring = open_ring(settings.keyring)
    clock = SystemClock()
    async with AsyncExitStack() as opened:
        database = connected(settings, "mongodb", mongo.connect)
        opened.callback(mongo.close, database)
        servers = connected(settings, "redis", redis.connect)
        await answering(settings, "mongodb", functools.partial(mongo.ping, database), patience_s)
        turn = await opened.enter_async_context(Turn(servers))
        await answering(settings, "redis", turn.check, patience_s)
        await answering(settings, "mongodb", functools.partial(ensure_indexes, database), patience_s)
        if not await answering(settings, "mongodb", functools.partial(settle, ring, database), patience_s):
            raise foreign_ring(settings)
        keys = Hierarchy(ring, MongoWrappedKeys(database), clock)
        fields = PersonalFields(keys, ring.derive("blind-index/v1"))
        yield Stores(
            clock=clock,
            ring=ring,
            keys=keys,
            fields=fields,
            sealer=MessageSealer(keys),
            details=Details(fields),
            numbers=RedisNumbers(turn),
            bus=await opened.enter_async_context(RedisBus(servers, turn)),
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
            ping_redis=turn.ping,
            ping_mongodb=functools.partial(mongo.ping, database),
        )
