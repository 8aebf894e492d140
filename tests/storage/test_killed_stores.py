"""kill -9 of a store under load: nothing acknowledged is missing or doubled, and the adapters recover by themselves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from itertools import count
from pathlib import Path
from uuid import UUID

import pytest

from chat.errors import SeqTaken, Unavailable
from chat.ids import ConversationId, Seq
from chat.model import Numbered, Stored
from chat.ports import Forgotten
from config.local import mongodb as local_mongodb
from config.local import redis as local_redis
from config.local.stores import MONGODB, REDIS
from storage import mongo
from storage.mongo import MongoMessages
from storage.redis import RedisBus, RedisNumbers, Turn, connect
from tests.storage.killable import KillableStore
from tests.storage.values import UNLIMITED, admitted, sealed
from tests.storage.waiting import next_of, soon, until_available

pytestmark = pytest.mark.stores

HERE = ConversationId(UUID(int=7))
SENDERS = 20
# A write concern that does not wait for the journal lost something in every third kill when it was tried.
KILLS = 5


@pytest.fixture(scope="module")
def own_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("killed")


@pytest.fixture
def own_redis(own_directory: Path) -> Iterator[KillableStore]:
    with KillableStore(REDIS, own_directory) as store:
        yield store


@pytest.fixture
def own_mongodb(own_directory: Path) -> Iterator[KillableStore]:
    with KillableStore(MONGODB, own_directory) as store:
        yield store


@pytest.fixture
async def messages(own_mongodb: KillableStore, own_directory: Path) -> AsyncIterator[MongoMessages]:
    await own_mongodb.start()
    database = mongo.connect(local_mongodb.url(own_directory))
    await database.client.drop_database(database.name)
    await mongo.ensure_indexes(database)
    async with MongoMessages(database) as messages:
        yield messages
    mongo.close(database)


@pytest.fixture
async def turn(own_redis: KillableStore, own_directory: Path) -> AsyncIterator[Turn]:
    await own_redis.start()
    async with Turn(connect(local_redis.url(own_directory))) as turn:
        await turn.ask("FLUSHALL")
        yield turn


class Load:
    """Senders that keep each message until it is acknowledged, as the product's outbox does."""

    def __init__(self, send: Callable[[], Awaitable[Stored]]) -> None:
        self._send = send
        self._stopping = False
        self._grown = asyncio.Condition()
        self.acknowledged: list[Stored] = []

    async def run(self) -> None:
        while not self._stopping:
            stored = await self._send()
            async with self._grown:
                self.acknowledged.append(stored)
                self._grown.notify_all()

    async def more(self, how_many: int) -> None:
        """Until so many more are acknowledged."""
        target = len(self.acknowledged) + how_many
        async with self._grown:
            await soon(self._grown.wait_for(lambda: len(self.acknowledged) >= target))

    def stop(self) -> None:
        self._stopping = True


async def under_load(load: Load, store: KillableStore) -> None:
    """Kill and start the store again, in the middle of it."""
    async with asyncio.TaskGroup() as senders:
        for _ in range(SENDERS):
            senders.create_task(load.run())
        for _ in range(KILLS):
            await load.more(500)
            store.kill()
            await store.start()
        await load.more(500)
        load.stop()


async def test_mongodb_killed_under_load_keeps_every_acknowledged_message_once(
    messages: MongoMessages, own_mongodb: KillableStore
) -> None:
    numbers = count(1)
    tries: list[int] = []

    async def send() -> Stored:
        message = sealed(HERE, next(numbers))

        async def once() -> Stored:
            tries.append(message.seq)
            return await messages.append(message)

        return await until_available(once)

    load = Load(send)
    await under_load(load, own_mongodb)

    kept = [message async for message in messages.all(HERE)]
    assert kept == sorted((stored.sealed for stored in load.acknowledged), key=lambda message: message.seq)
    assert len({message.client_id for message in kept}) == len(kept)
    assert len(tries) > len(kept), "the kills hit commits under way, which were sent again"


async def test_either_store_killed_under_load_leaves_a_whole_record(
    messages: MongoMessages, turn: Turn, own_mongodb: KillableStore, own_redis: KillableStore
) -> None:
    """The way of the product: number, store; where Redis forgot a number, learn from the record and number again."""
    numbers = RedisNumbers(turn)

    async def send() -> Stored:
        message = admitted(HERE)

        async def once(*, again: bool = False) -> Stored:
            numbered = await numbers.number(
                message, author=UNLIMITED, conversation=UNLIMITED, floor=Seq(0), again=again
            )
            assert isinstance(numbered, Numbered)
            try:
                return await messages.append(sealed(HERE, numbered.seq, client_id=message.draft.client_id))
            except SeqTaken:
                await numbers.resume(HERE, highest=await messages.highest(HERE), ended=False)
                return await once(again=True)

        return await until_available(once)

    for store in (own_redis, own_mongodb):
        load = Load(send)
        before = await messages.highest(HERE)
        await under_load(load, store)
        kept = {message.client_id: message async for message in messages.all(HERE) if message.seq > before}
        acknowledged = {stored.sealed.client_id: stored.sealed for stored in load.acknowledged}
        assert kept == acknowledged
        assert len(acknowledged) == len(load.acknowledged), "nothing is acknowledged twice under two numbers"


async def test_redis_killed_with_its_memory_continues_above_the_record(
    turn: Turn, own_redis: KillableStore, own_directory: Path
) -> None:
    numbers = RedisNumbers(turn)
    message = admitted(HERE)

    async def number(floor: int) -> object:
        return await numbers.number(message, author=UNLIMITED, conversation=UNLIMITED, floor=Seq(floor))

    assert await number(0) == Numbered(message, Seq(1))
    own_redis.kill()
    for kept in (own_directory / "redis").rglob("*"):
        if kept.is_file():
            kept.unlink()
    with pytest.raises(Unavailable):
        await number(1)
    await own_redis.start()
    assert await until_available(lambda: numbers.tops([HERE])) == [None]
    assert await number(41) == Forgotten()
    await numbers.resume(HERE, highest=Seq(41), ended=False)
    assert await number(41) == Numbered(message, Seq(42))


async def test_the_bus_tells_of_a_killed_redis_and_goes_on(
    own_redis: KillableStore, turn: Turn, own_directory: Path
) -> None:
    async with RedisBus(connect(local_redis.url(own_directory)), turn) as bus:
        await bus.subscribe(["here", "there"])
        facts = bus.facts()
        for fact in (b"first", b"second"):
            await until_available(lambda fact=fact: bus.publish("there", fact))
            assert await next_of(facts) == ("there", fact)
            own_redis.kill()
            with pytest.raises(Unavailable):
                await bus.publish("there", b"into the void")
            await own_redis.start()
            assert await next_of(facts) is None
