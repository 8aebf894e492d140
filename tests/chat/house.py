"""The rules of delivery and conversations on the real stores, and stores that cannot be reached."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from chat.clock import new_id
from chat.conversations.service import ConversationService
from chat.delivery.pipeline import Delivery
from chat.ids import AccountId, ClientId, Seq, SiteId, VisitorId, WorkspaceId, next_conversation
from chat.model import AccountRole, Actor, Admitted, Conversation, Draft, Kind, MessageView, Refusal, Stored
from chat.protocol.facts import AnyFact, decode_fact
from gateway.bootstrap import Stores
from storage.mongo import client as mongo
from storage.mongo.messages import MongoMessages
from storage.redis import client as redis
from storage.redis.bus import RedisBus
from storage.redis.numbers import RedisNumbers
from storage.redis.turn import Turn
from tests.clock import ManualClock

SITE = SiteId("demo")


@dataclass
class House:
    """A workspace with a visitor, on the stores of one test."""

    stores: Stores
    clock: ManualClock = field(default_factory=ManualClock)
    workspace: WorkspaceId = field(default_factory=lambda: WorkspaceId(uuid4()))
    visitor: Actor = field(init=False)

    def __post_init__(self) -> None:
        self.visitor = self.a_visitor()
        self.delivery = self.delivery_over()
        self.service = self.service_over(self.delivery)

    def a_visitor(self) -> Actor:
        """Somebody else."""
        return Actor.visitor(self.workspace, SITE, VisitorId(new_id(self.clock)))

    def an_agent(self, role: AccountRole = AccountRole.AGENT) -> Actor:
        """Somebody who works here."""
        return Actor.agent(self.workspace, AccountId(new_id(self.clock)), role)

    def delivery_over(self, *, numbers: Any = None, messages: Any = None, bus: Any = None) -> Delivery:
        """Delivery over these stores, and the house's own for the rest."""
        own = self.stores
        return Delivery(numbers or own.numbers, own.sealer, messages or own.messages, own.conversations, bus or own.bus)

    def service_over(self, delivery: Delivery, bus: RedisBus | None = None) -> ConversationService:
        """The service of another process."""
        return ConversationService(self.stores.conversations, delivery, bus or self.stores.bus, self.clock)

    async def begun(self) -> Conversation:
        """The visitor's first conversation."""
        assert self.visitor.id is not None
        return await self.service.begin(self.visitor, next_conversation(VisitorId(self.visitor.id), None), b"details")

    def draft(
        self, conversation: Conversation, text: str, *, author: Actor | None = None, client_id: UUID | None = None
    ) -> Admitted:
        """A text that inspection let through."""
        name = ClientId(client_id or new_id(self.clock))
        return Admitted(Draft(author or self.visitor, conversation.id, name, Kind.TEXT, text, self.clock.now_ms()))

    async def say(self, conversation: Conversation, text: str, *, floor: int = 0, **draft: Any) -> Stored | Refusal:
        """Deliver a text."""
        return await self.delivery.deliver(conversation, self.draft(conversation, text, **draft), floor=Seq(floor))

    async def record(self, conversation: Conversation) -> list[MessageView]:
        """Everything that the record holds, opened."""
        found = self.stores.messages.all(conversation.id)
        return [await self.stores.sealer.open(conversation, sealed) async for sealed in found]

    async def texts(self, conversation: Conversation) -> list[str]:
        """What was said, in order."""
        return [message.body for message in await self.record(conversation)]

    @asynccontextmanager
    async def listening(self, topics: Sequence[str]) -> AsyncIterator[Listening]:
        """Hear what is published to these topics meanwhile."""
        await self.stores.bus.subscribe(topics)
        yield Listening(self.stores.bus)
        await self.stores.bus.unsubscribe(topics)


@dataclass
class Listening:
    """What a gateway hears."""

    bus: RedisBus

    async def hear(self, count: int) -> list[tuple[str, AnyFact]]:
        """The next facts, with their topics. Fails when they do not come."""
        heard: list[tuple[str, AnyFact]] = []
        async with asyncio.timeout(5):
            async for arrived in self.bus.facts():
                assert arrived is not None
                heard.append((arrived[0], decode_fact(arrived[1])))
                if len(heard) == count:
                    return heard
        raise AssertionError("the bus was closed")


@asynccontextmanager
async def redis_away(directory: Path) -> AsyncIterator[tuple[RedisNumbers, RedisBus]]:
    """Adapters of a Redis that nobody runs."""
    servers = redis.connect(f"unix://{directory / secrets.token_hex(4)}.sock")
    async with Turn(servers) as turn:
        yield RedisNumbers(turn), RedisBus(servers, turn)


@asynccontextmanager
async def mongodb_away(directory: Path) -> AsyncIterator[MongoMessages]:
    """The record of a MongoDB that nobody runs."""
    path = str(directory / f"{secrets.token_hex(4)}.sock").replace("/", "%2F")
    database = mongo.connect(f"mongodb://{path}/test")
    async with MongoMessages(database) as messages:
        yield messages
    mongo.close(database)
