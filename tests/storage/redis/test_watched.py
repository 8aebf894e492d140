"""Behind a real Sentinel: the master dies or is demoted, and its heir may know less than the record."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest

from chat.errors import SeqTaken, Unavailable
from chat.ids import Seq
from chat.model import Admitted, Numbered, Stored
from storage import mongo
from storage.mongo import MongoMessages
from storage.redis import RedisBus, RedisNumbers, Turn, connect
from storage.redis.servers import Servers
from tests.storage.redis.fleet import Server, WatchedFleet
from tests.storage.values import UNLIMITED, admitted, sealed
from tests.storage.waiting import next_of, soon, until, until_available


@pytest.fixture
def servers(watched_fleet: WatchedFleet) -> Servers:
    return connect(watched_fleet.url)


@pytest.fixture
async def turn(servers: Servers) -> AsyncIterator[Turn]:
    async with Turn(servers) as turn:
        yield turn


@pytest.fixture
async def messages(database: mongo.Database) -> AsyncIterator[MongoMessages]:
    async with MongoMessages(database) as messages:
        yield messages


async def said(numbers: RedisNumbers, messages: MongoMessages, message: Admitted) -> Stored:
    """The way of the product: number, store; where Redis forgot a number, learn from the record and number again."""

    async def once(*, again: bool = False) -> Stored:
        outcome = await numbers.number(message, author=UNLIMITED, conversation=UNLIMITED, floor=Seq(0), again=again)
        assert isinstance(outcome, Numbered)
        here = message.draft.conversation
        try:
            return await messages.append(sealed(here, outcome.seq, client_id=message.draft.client_id))
        except SeqTaken:
            await numbers.resume(here, highest=await messages.highest(here), ended=False)
            return await once(again=True)

    return await until_available(once)


async def test_the_master_that_the_sentinel_names_is_used(turn: Turn, watched_fleet: WatchedFleet) -> None:
    await turn.check()
    assert await turn.ask("SET", "where", "here") == b"OK"
    assert watched_fleet.master.ask("GET", "where") == "here"
    assert "Cluster" not in await turn.about()


async def test_after_the_masters_death_an_heir_that_knows_less_is_told_by_the_record(
    turn: Turn, servers: Servers, messages: MongoMessages, watched_fleet: WatchedFleet
) -> None:
    numbers, here = RedisNumbers(turn), uuid4()
    before = [await said(numbers, messages, admitted(here)) for _ in range(3)]
    async with RedisBus(servers, turn) as bus:
        await bus.subscribe(["here"])
        await bus.ping()
        facts = bus.facts()
        watched_fleet.detach_replica()
        lost_in_redis = [await said(numbers, messages, admitted(here)) for _ in range(4)]
        with watched_fleet.killed_master():
            with pytest.raises(Unavailable):
                await number(numbers, here)
            after = [await said(numbers, messages, admitted(here)) for _ in range(3)]
            assert await next_of(facts) is None
            await until_available(lambda: bus.publish("here", b"from the heir"))
            assert await next_of(facts) == ("here", b"from the heir")
            await until_available(bus.ping)
    kept = [each.sealed for each in (*before, *lost_in_redis, *after)]
    assert [each.seq for each in kept] == list(range(1, 11)), "nothing twice, nothing left out"
    assert [each async for each in messages.all(kept[0].conversation)] == kept


async def test_a_master_that_was_replaced_is_left_though_it_still_answers(
    turn: Turn, servers: Servers, watched_fleet: WatchedFleet
) -> None:
    assert await turn.ask("SET", "who", "before") == b"OK"
    async with RedisBus(servers, turn) as bus:
        await bus.subscribe(["here"])
        await bus.ping()
        with watched_fleet.swapped():
            await until(lambda: is_written_to(watched_fleet.master, turn), within_s=3.0)
            assert await next_of(bus.facts()) is None
            await until(lambda: heard(bus))


async def is_written_to(server: Server, turn: Turn) -> bool:
    value = str(uuid4())
    await until_available(lambda: turn.ask("SET", "who", value))
    return bool(server.ask("GET", "who") == value)


async def heard(bus: RedisBus) -> bool:
    """Whether what is published arrives; what was lost meanwhile is passed over."""
    await bus.publish("here", b"now")
    while (fact := await soon(anext(bus.facts()))) is None:
        pass
    return fact == ("here", b"now")


async def test_a_server_that_became_a_replica_is_asked_for_a_new_connection(watched_fleet: WatchedFleet) -> None:
    """Without a Sentinel, as behind an address that moves."""
    async with Turn(connect(f"redis://{watched_fleet.replica.node}")) as turn:
        before = await turn.ask("CLIENT", "ID")
        with pytest.raises(Unavailable):
            await turn.ask("SET", "key", "value")
        assert await turn.ask("CLIENT", "ID") > before


async def test_a_replica_that_a_sentinel_takes_for_the_master_is_refused(watched_fleet: WatchedFleet) -> None:
    with watched_fleet.mistaken() as url:
        async with Turn(connect(url)) as turn:
            with pytest.raises(Unavailable) as caught:
                await turn.ping()
    assert "none any more" in str(caught.value.__cause__)


async def test_behind_sentinels_the_documented_rights_are_enough(watched_fleet: WatchedFleet) -> None:
    rights = ["~aican:*", "&aican:*", "+@all", "-@dangerous", "+info", "+role"]
    for server in (watched_fleet.first, watched_fleet.second):
        server.ask("ACL SETUSER", "guest", "reset", "on", ">secret", *rights)
    async with Turn(connect(watched_fleet.url.replace("://", "://guest:secret@"))) as turn:
        await turn.check()
        assert await turn.ask("ACL", "WHOAMI") == b"guest"


async def test_sentinels_that_know_nothing_are_unavailable(watched_fleet: WatchedFleet) -> None:
    async with Turn(connect(f"redis+sentinel://{watched_fleet.sentinel.node}/unknown")) as turn:
        with pytest.raises(Unavailable):
            await turn.ping()


async def number(numbers: RedisNumbers, here: UUID) -> None:
    await numbers.number(admitted(here), author=UNLIMITED, conversation=UNLIMITED, floor=Seq(0))
