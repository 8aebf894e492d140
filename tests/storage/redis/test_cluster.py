"""On a real Cluster whose slots move and whose masters die."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest
from hiredis import Reader
from redis.asyncio import Redis

from chat.errors import Unavailable
from chat.ids import ConversationId, Seq
from chat.model import Numbered
from chat.protocol.facts import conversation_topic
from storage.redis import RedisBus, RedisNumbers, Turn, connect, subscriber
from storage.redis.keys import channel, key, slot
from storage.redis.servers import Servers
from tests.storage.redis.conftest import CLUSTER
from tests.storage.redis.fleet import ClusterFleet, Server
from tests.storage.redis.fleet import until as until_so
from tests.storage.values import UNLIMITED, admitted
from tests.storage.waiting import next_of, soon, until_available


@pytest.fixture
def deployment() -> str:
    return CLUSTER


@pytest.fixture
def numbers(turn: Turn) -> RedisNumbers:
    return RedisNumbers(turn)


@pytest.fixture
async def bus(servers: Servers, turn: Turn) -> AsyncIterator[RedisBus]:
    async with RedisBus(servers, turn) as bus:
        yield bus


async def number(numbers: RedisNumbers, here: UUID, *, floor: int = 0) -> int:
    outcome = await numbers.number(admitted(here), author=UNLIMITED, conversation=UNLIMITED, floor=Seq(floor))
    assert isinstance(outcome, Numbered)
    return outcome.seq


def somewhere_at(fleet: ClusterFleet, master: Server) -> ConversationId:
    """A conversation that a master has."""
    while True:
        here = ConversationId(uuid4())
        if fleet.master_of(slot(key("numbers", here))) is master:
            return here


class Move:
    """A slot's way from one master to another, in steps as an operator's tool takes them."""

    def __init__(self, fleet: ClusterFleet, here: UUID) -> None:
        self._fleet = fleet
        self._here = here
        self._slot = slot(key("numbers", here))
        self._source = fleet.master_of(self._slot)
        self._target = next(each for each in fleet.masters if each is not self._source)

    def begin(self) -> None:
        self._target.ask("CLUSTER SETSLOT", self._slot, "IMPORTING", self._source.ask("CLUSTER MYID"))
        self._source.ask("CLUSTER SETSLOT", self._slot, "MIGRATING", self._target.ask("CLUSTER MYID"))

    def carry(self, *kinds: str) -> None:
        """The conversation's keys of these kinds."""
        keys = [key(kind, self._here) for kind in kinds]
        self._source.ask("MIGRATE", "127.0.0.1", self._target.port, "", 0, 5_000, "KEYS", *keys)

    def end(self) -> None:
        for each in (self._target, self._source):
            each.ask("CLUSTER SETSLOT", self._slot, "NODE", self._target.ask("CLUSTER MYID"))
        until_so(
            lambda: all(self._fleet.master_of(self._slot, at=each) is self._target for each in self._fleet.masters)
        )


def test_a_conversations_keys_and_its_topic_share_a_slot() -> None:
    for _ in range(100):
        here = uuid4()
        names = [key("numbers", here), key("known", here), key("marks", here), channel(conversation_topic(here))]
        assert len({slot(name) for name in names}) == 1


async def test_conversations_are_spread_over_all_masters(
    numbers: RedisNumbers, redis: Redis, cluster_fleet: ClusterFleet
) -> None:
    places = [uuid4() for _ in range(60)]
    assert await asyncio.gather(*[number(numbers, here) for here in places]) == [1] * 60
    assert all(master.ask("DBSIZE") > 0 for master in cluster_fleet.masters)
    assert await numbers.tops([ConversationId(here) for here in places]) == [1] * 60


# --- slots move -------------------------------------------------------------------------------------------------------


async def test_a_moved_conversation_is_followed_and_nothing_is_asked_twice(
    numbers: RedisNumbers, redis: Redis, cluster_fleet: ClusterFleet
) -> None:
    here = ConversationId(uuid4())
    assert [await number(numbers, here) for _ in range(3)] == [1, 2, 3]
    move = Move(cluster_fleet, here)
    move.begin()
    move.carry("numbers", "known")
    move.end()
    assert await numbers.tops([here]) == [3]
    assert await asyncio.gather(*[number(numbers, here) for _ in range(5)]) == [4, 5, 6, 7, 8]


async def test_a_conversation_that_is_just_being_moved_is_found_on_either_side(
    numbers: RedisNumbers, redis: Redis, cluster_fleet: ClusterFleet
) -> None:
    here = ConversationId(uuid4())
    assert await number(numbers, here) == 1
    move = Move(cluster_fleet, here)
    move.begin()
    assert await number(numbers, here) == 2, "it is still where it was"
    move.carry("known")
    with pytest.raises(Unavailable):
        await number(numbers, here)  # one half is here, the other there: later
    move.carry("numbers")
    assert await numbers.tops([here, ConversationId(uuid4())]) == [2, None]
    assert [await number(numbers, here) for _ in range(2)] == [3, 4]
    move.end()
    assert await number(numbers, here) == 5


@pytest.fixture
def no_probes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without them only what a server says of itself tells that a slot moved."""
    monkeypatch.setattr(subscriber, "_PROBE_EACH_S", 60.0)


async def test_topics_move_with_their_slot(
    no_probes: None, bus: RedisBus, redis: Redis, cluster_fleet: ClusterFleet
) -> None:
    here = uuid4()
    topic = conversation_topic(here)
    others = [conversation_topic(uuid4()) for _ in range(200)]
    await bus.subscribe([topic, *others])
    await bus.ping()
    facts = bus.facts()
    move = Move(cluster_fleet, here)
    move.begin()
    move.end()
    assert await next_of(facts) is None
    await bus.publish(topic, b"at its new home")
    assert await next_of(facts) == (topic, b"at its new home")
    for other in others:
        await bus.publish(other, b"as before")
        assert await next_of(facts) == (other, b"as before")
    await bus.ping()


async def test_a_topic_is_subscribed_where_its_slot_is_by_now(
    no_probes: None, bus: RedisBus, redis: Redis, cluster_fleet: ClusterFleet
) -> None:
    """The map that the bus has is wrong: the server that is asked points elsewhere."""
    here = uuid4()
    await bus.subscribe([conversation_topic(somewhere_at(cluster_fleet, each)) for each in cluster_fleet.masters])
    await bus.ping()
    move = Move(cluster_fleet, here)
    move.begin()
    move.end()
    topic = conversation_topic(here)
    await bus.subscribe([topic])
    await bus.publish(topic, b"found")
    assert await next_of(bus.facts()) == (topic, b"found")


async def test_the_bus_has_connections_only_where_it_has_topics(
    bus: RedisBus, redis: Redis, cluster_fleet: ClusterFleet
) -> None:
    master = cluster_fleet.masters[1]
    topics = [conversation_topic(somewhere_at(cluster_fleet, master)) for _ in range(5)]
    await bus.subscribe(topics)
    await bus.ping()
    assert list(bus._subscribers) == [master.node]
    await bus.unsubscribe(topics[1:])
    await bus.publish(topics[0], b"still here")
    assert await next_of(bus.facts()) == (topics[0], b"still here")


async def test_each_connection_of_the_bus_is_probed_by_itself(
    bus: RedisBus, redis: Redis, cluster_fleet: ClusterFleet
) -> None:
    topics = {each.node: conversation_topic(somewhere_at(cluster_fleet, each)) for each in cluster_fleet.masters}
    await bus.subscribe(topics.values())
    await bus.ping()
    deaf = bus._subscribers[cluster_fleet.masters[0].node]
    assert deaf._probe is not None
    deaf._order("SUNSUBSCRIBE", [deaf._probe])  # as if the server forgot its subscriptions
    deaf._order("SUNSUBSCRIBE", list(deaf.topics.values()))
    facts = bus.facts()
    assert await soon(anext(facts), within_s=3.0) is None
    for topic in topics.values():
        await bus.publish(topic, b"heard")
        assert await next_of(facts) == (topic, b"heard")


# --- masters fail -----------------------------------------------------------------------------------------------------


async def test_after_a_masters_death_its_replica_is_found(
    numbers: RedisNumbers, turn: Turn, bus: RedisBus, redis: Redis, cluster_fleet: ClusterFleet
) -> None:
    victim, _ = cluster_fleet.pair
    survivor = next(each for each in cluster_fleet.masters if each is not victim)
    here, elsewhere = somewhere_at(cluster_fleet, victim), somewhere_at(cluster_fleet, survivor)
    assert [await number(numbers, place) for place in (here, elsewhere)] == [1, 1]
    topics = [conversation_topic(place) for place in (here, elsewhere)]
    await bus.subscribe(topics)
    await bus.ping()
    facts = bus.facts()
    with cluster_fleet.killed_master():
        with pytest.raises(Unavailable):
            await number(numbers, here)
        with pytest.raises(Unavailable):
            await turn.ping()
        assert await until_available(lambda: number(numbers, here)) == 2
        assert await until_available(lambda: number(numbers, elsewhere)) == 2
        assert await next_of(facts) is None
        for topic in topics:
            await until_available(lambda topic=topic: bus.publish(topic, b"after the death"))  # type: ignore[misc]
            assert await next_of(facts) == (topic, b"after the death")
        await until_available(turn.ping)
        await until_available(bus.ping)


async def test_when_an_operator_swaps_master_and_replica_nothing_is_lost_in_silence(
    numbers: RedisNumbers, bus: RedisBus, redis: Redis, cluster_fleet: ClusterFleet
) -> None:
    here = somewhere_at(cluster_fleet, cluster_fleet.pair[0])
    topic = conversation_topic(here)
    await bus.subscribe([topic])
    facts = bus.facts()
    assert await number(numbers, here) == 1
    cluster_fleet.swap()
    assert await until_available(lambda: number(numbers, here)) == 2
    await until_available(lambda: bus.publish(topic, b"after the swap"))
    heard = await next_of(facts)
    if heard is None:
        await bus.publish(topic, b"after the swap")
        heard = await next_of(facts)
    assert heard == (topic, b"after the swap")


async def test_a_cluster_that_is_not_whole_is_not_ready(turn: Turn, redis: Redis, cluster_fleet: ClusterFleet) -> None:
    await turn.ping()
    with cluster_fleet.without_slot(7), pytest.raises(Unavailable, match="not whole"):
        await turn.ping()
    await turn.ping()


async def test_a_cluster_that_is_nowhere_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.redis.bus.ANSWER_S", 0.2)
    servers = connect("redis+cluster://127.0.0.1:1,127.0.0.1:2")
    async with Turn(servers) as turn, RedisBus(servers, turn) as bus:
        homeless = asyncio.create_task(bus.subscribe(["here"]))
        answers = await asyncio.gather(turn.ask("GET", "a"), turn.ping(), bus.ping(), homeless, return_exceptions=True)
        assert [type(answer) for answer in answers] == [Unavailable] * 4


async def test_servers_that_point_at_each_other_are_asked_twice_and_not_for_ever() -> None:
    asked: list[bytes] = []

    async def point_at_yourself(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        commands = Reader()
        while data := await reader.read(4_096):
            commands.feed(data)
            while command := commands.gets():
                asked.append(command[0])
                writer.write(answer_to(command[0]))
        writer.close()

    def answer_to(word: bytes) -> bytes:
        if word == b"CLUSTER":
            return b"*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n$0\r\n\r\n:%d\r\n" % port
        return b"+OK\r\n" if word == b"CLIENT" else b"-MOVED 3 :%d\r\n" % port

    server = await asyncio.start_server(point_at_yourself, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, Turn(connect(f"redis+cluster://127.0.0.1:{port}")) as turn:
        with pytest.raises(Unavailable, match="rearranged"):
            await soon(turn.ask("GET", "key"))
    assert asked.count(b"GET") == 2
