"""Stores and gateways fail in the middle of a conversation: it goes on, and every accepted message is there once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
from pydantic import SecretStr
from redis.asyncio import Redis

from chat.budgets.rates import MESSAGES
from chat.delivery import pipeline
from chat.ids import ConversationId, Seq
from chat.model import Kind, Role
from chat.ports import Rate
from chat.protocol.frames import Claim, End, State
from config.local import mongodb as local_mongodb
from config.local import redis as local_redis
from config.local.stores import MONGODB, REDIS
from config.settings import Settings
from gateway.client import Client
from tests.gateway.ear import Ear
from tests.gateway.house import House, a_house
from tests.gateway.waiting import until
from tests.storage.killable import KillableStore
from tests.storage.values import UNLIMITED, admitted

pytestmark = pytest.mark.stores

REPAIRED_S = 3.0
"""A subscriber that fell silent is repaired within this time."""
OUTAGE_S = 45.0
"""A store that is killed starts again, and its clients wait up to 20 s between tries; the machine may be busy."""


@pytest.fixture(autouse=True)
def faster_than_people(monkeypatch: pytest.MonkeyPatch) -> None:
    for role in (Role.VISITOR, Role.AGENT):
        monkeypatch.setitem(MESSAGES, role, Rate(period_ms=10, burst=50))
    monkeypatch.setattr(pipeline, "CONVERSATION", Rate(period_ms=5, burst=100))


@dataclass
class Chat:
    """A visitor and the agent who claimed, each on a gateway of their own, who talk until they are told to stop."""

    house: House
    visitor: Ear
    agent: Ear
    here: UUID

    def __post_init__(self) -> None:
        self.accepted: list[tuple[int, str]] = []
        self._stopping = False

    async def talk(self, ear: Ear, name: str) -> None:
        number = 0
        while not self._stopping:
            text = f"{name} {number}"
            accepted = await ear.client.post(self.here, text)
            self.accepted.append((accepted.seq, text))
            number += 1

    async def through(self, disturbance: Callable[[], Awaitable[None]]) -> None:
        """Talk before, during and after the disturbance, then compare what all have."""
        async with asyncio.TaskGroup() as talkers:
            talkers.create_task(self.talk(self.visitor, "visitor"))
            talkers.create_task(self.talk(self.agent, "agent"))
            await self.more(20)
            await disturbance()
            await self.more(20)
            self._stopping = True
        await self.compare()

    async def more(self, count: int) -> None:
        target = len(self.accepted) + count
        await until(lambda: len(self.accepted) >= target, seconds=OUTAGE_S)

    async def compare(self) -> None:
        """Every accepted message exactly once, under its accepted number, at both clients and in the record."""
        said = sorted(self.accepted)
        for ear in (self.visitor, self.agent):
            await until(lambda ear=ear: ear.client.positions[self.here] >= said[-1][0], seconds=OUTAGE_S)  # type: ignore[misc]
        record = await self.house.record(self.here)
        assert [message.seq for message in record] == list(range(1, len(record) + 1))
        for messages in (record, self.visitor.messages(self.here), self.agent.messages(self.here)):
            assert sorted((m.seq, m.body) for m in messages if m.kind is Kind.TEXT and m.seq > 2) == said
        assert self.visitor.messages(self.here) == record == self.agent.messages(self.here)


async def a_chat(house: House, visitor: Ear, agent: Ear) -> Chat:
    here = visitor.client.conversation
    await visitor.client.post(here, "Hello?")
    await agent.client.ask(Claim(0, here))
    return Chat(house, visitor, agent, here)


@pytest.fixture
async def chat(house: House) -> AsyncIterator[Chat]:
    first, second = await house.gateway(), await house.gateway()
    async with Ear(house.visitor(first)) as visitor, Ear(await house.agent(second)) as agent:
        yield await a_chat(house, visitor, agent)


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    client = Redis.from_url(redis_url)
    yield client
    await client.aclose()


# --- the bus --------------------------------------------------------------------------------------------------------


async def test_what_a_cut_subscriber_missed_arrives_within_three_seconds(chat: Chat, redis: Redis) -> None:
    bus = chat.house.gateways[0].stores.bus
    assert await redis.execute_command("CLIENT", "KILL", "TYPE", "pubsub") >= 2  # type: ignore[no-untyped-call]
    posts = [chat.agent.client.post(chat.here, f"missed {number}") for number in range(5)]
    await asyncio.gather(*posts)
    async with asyncio.timeout(REPAIRED_S):
        await chat.visitor.hears_texts(chat.here, "Hello?", *[f"missed {number}" for number in range(5)])
    await until(lambda: bus.is_heard)
    assert (chat.visitor.client.connects, chat.agent.client.connects) == (1, 1)


async def test_a_chat_goes_on_while_subscribers_are_cut_again_and_again(chat: Chat, redis: Redis) -> None:
    async def cut() -> None:
        for _ in range(5):
            await redis.execute_command("CLIENT", "KILL", "TYPE", "pubsub")  # type: ignore[no-untyped-call]
            await chat.more(3)

    await chat.through(cut)


# --- Redis ----------------------------------------------------------------------------------------------------------


async def test_a_chat_goes_on_when_redis_is_flushed_and_no_number_is_given_twice(chat: Chat, redis: Redis) -> None:
    async def flush() -> None:
        for _ in range(3):
            await redis.flushall()
            await chat.more(3)

    await chat.through(flush)


async def test_what_is_said_next_comes_next_though_redis_forgot_and_a_number_before_it_is_missing(
    chat: Chat, redis: Redis
) -> None:
    """A number that nobody stored holds up what is shown; what is stored above it counts all the same."""
    for _ in range(3):
        await chat.house.stores.numbers.number(
            admitted(ConversationId(chat.here)), author=UNLIMITED, conversation=UNLIMITED, floor=Seq(0)
        )
    first = await chat.visitor.client.post(chat.here, "first")
    await redis.flushall()
    second = await chat.visitor.client.post(chat.here, "second")
    assert (first.seq, second.seq) == (6, 7)
    await chat.agent.hears_texts(chat.here, "Hello?", "first", "second")


async def test_a_redis_that_forgot_everything_is_told_where_the_record_stands(chat: Chat, redis: Redis) -> None:
    await redis.flushall()
    numbers = chat.house.stores.numbers
    tops: list[object] = []

    async def top() -> None:
        while tops != [2]:
            tops[:] = await numbers.tops([ConversationId(chat.here)])
            await asyncio.sleep(0.02)

    async with asyncio.timeout(5):
        await top()
    assert (await chat.visitor.client.post(chat.here, "goes on")).seq == 3


async def test_a_chat_goes_on_through_kill_9_of_redis(tmp_path: Path, settings: Settings) -> None:
    with KillableStore(REDIS, tmp_path) as store:
        await store.start()
        own = settings.model_copy(update={"redis_url": SecretStr(local_redis.url(tmp_path))})
        await _through_kill_9(own, store)


# --- MongoDB --------------------------------------------------------------------------------------------------------


async def test_a_chat_goes_on_through_kill_9_of_mongodb(tmp_path: Path, settings: Settings) -> None:
    with KillableStore(MONGODB, tmp_path) as store:
        await store.start()
        own = settings.model_copy(update={"mongodb_url": SecretStr(local_mongodb.url(tmp_path))})
        await _through_kill_9(own, store)


async def _through_kill_9(own: Settings, store: KillableStore) -> None:
    async with a_house(own) as house:
        first, second = await house.gateway(), await house.gateway()
        async with Ear(house.visitor(first)) as visitor, Ear(await house.agent(second)) as agent:
            chat = await a_chat(house, visitor, agent)

            async def kill() -> None:
                store.kill()
                await store.start()

            await chat.through(kill)
            assert not first.task.done()
            assert not second.task.done()
            await agent.client.ask(End(0, chat.here))
            await agent.lists(chat.here, state=State.ENDED)


# --- gateways -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("victim", [0, 1])
async def test_a_chat_goes_on_through_the_crash_of_a_gateway(chat: Chat, victim: int) -> None:
    gateway = chat.house.gateways[victim]

    async def crash() -> None:
        await gateway.crash()
        await chat.house.gateway(gateway.port)

    await chat.through(crash)
    clients: list[Client] = [chat.visitor.client, chat.agent.client]
    assert [client.connects for client in clients] == [2 - victim, 1 + victim]


async def test_a_chat_goes_on_while_gateways_are_replaced_one_after_the_other(chat: Chat) -> None:
    async def deploy() -> None:
        for gateway in list(chat.house.gateways):
            await gateway.drain()
            await chat.house.gateway(gateway.port)
            await chat.more(4)

    await chat.through(deploy)
