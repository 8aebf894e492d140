"""The contract of Bus, on a real Redis, through losses of the connection."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from chat.errors import Unavailable
from storage.redis import RedisBus, Turn, connect, subscriber
from storage.redis.inbox import Inbox
from storage.redis.servers import Servers
from tests.storage.redis.conftest import on_one_server
from tests.storage.redis.proxy import Proxy
from tests.storage.waiting import next_of, soon, until, until_available

MANY = [f"topic {number}" for number in range(2_000)]


@pytest.fixture
async def bus(servers: Servers, turn: Turn) -> AsyncIterator[RedisBus]:
    async with RedisBus(servers, turn) as bus:
        yield bus


async def cut(redis: Redis) -> None:
    """Redis hangs up on all subscribers."""
    assert await redis.client_kill_filter(_type="pubsub") >= 1


async def test_what_is_published_after_subscribing_always_arrives(bus: RedisBus) -> None:
    facts = bus.facts()
    for number in range(200):
        topic, fact = f"topic {number}", bytes([number])
        await bus.subscribe([topic])
        await bus.publish(topic, fact)
        assert await next_of(facts) == (topic, fact)


async def test_facts_of_a_topic_arrive_in_the_order_they_were_published(bus: RedisBus) -> None:
    await bus.subscribe(["here"])
    sent = [number.to_bytes(2) for number in range(1_000)]
    await asyncio.gather(*[bus.publish("here", fact) for fact in sent])
    facts = bus.facts()
    assert [await next_of(facts) for _ in sent] == [("here", fact) for fact in sent]


async def test_nothing_arrives_of_other_topics_and_none_after_leaving(bus: RedisBus) -> None:
    await bus.subscribe(["here", "there"])
    await bus.publish("elsewhere", b"not for us")
    await bus.unsubscribe(["there", "never subscribed"])
    # Redis confirms in order: what is confirmed after the leaving was subscribed after it.
    await bus.subscribe(["later"])
    await bus.publish("there", b"not any more")
    await bus.publish("here", b"for us")
    assert await next_of(bus.facts()) == ("here", b"for us")


@on_one_server
async def test_thousands_of_topics_are_subscribed_at_once(bus: RedisBus, redis: Redis) -> None:
    await soon(bus.subscribe(MANY))
    assert len(await redis.pubsub_channels("aican:topic *")) == len(MANY)
    await soon(bus.subscribe([*MANY, "one more"]))


@on_one_server
async def test_subscribing_again_after_leaving_waits_for_its_own_confirmation(
    url: str, redis: Redis, turn: Turn
) -> None:
    async with Proxy(url) as proxy:
        servers = connect(proxy.url)
        async with RedisBus(servers, turn) as bus:
            await bus.subscribe(["there"])
            proxy.from_redis.clear()
            first = asyncio.create_task(bus.subscribe(["here"]))
            async with asyncio.timeout(1):
                while not await redis.pubsub_channels("aican:here"):
                    pass
            proxy.to_redis.clear()
            await bus.unsubscribe(["here"])
            second = asyncio.create_task(bus.subscribe(["here"]))
            proxy.from_redis.set()
            # Now the first confirmation is here, and Redis has still to hear of leaving and coming back.
            done, _ = await asyncio.wait([second], timeout=0.2)
            assert not done
            proxy.to_redis.set()
            await soon(second)
            await bus.publish("here", b"after the second")
            assert await next_of(bus.facts()) == ("here", b"after the second")
            with pytest.raises(Unavailable):
                await first


async def test_a_subscription_that_somebody_undid_before_it_was_confirmed_is_unavailable(bus: RedisBus) -> None:
    undone = asyncio.create_task(bus.subscribe(["here"]))
    await asyncio.sleep(0)
    await bus.unsubscribe(["here"])
    with pytest.raises(Unavailable):
        await soon(undone)


@on_one_server
async def test_a_lost_connection_comes_back_with_all_topics_and_says_so(bus: RedisBus, redis: Redis) -> None:
    await bus.subscribe(MANY)
    facts = bus.facts()
    for _ in range(3):
        await cut(redis)
        assert await next_of(facts) is None
        # None comes after the topics are back: what is published now arrives.
        await bus.publish(MANY[-1], b"after the loss")
        assert await next_of(facts) == (MANY[-1], b"after the loss")


async def test_the_first_connection_is_no_loss(bus: RedisBus) -> None:
    await bus.subscribe(["here"])
    await bus.publish("here", b"first")
    assert await next_of(bus.facts()) == ("here", b"first")


@on_one_server
async def test_a_loss_without_any_topic_is_told_too(bus: RedisBus, redis: Redis) -> None:
    await bus.subscribe(["here"])
    await bus.unsubscribe(["here"])
    await bus.subscribe(["there"])
    await bus.unsubscribe(["there"])
    for client in await redis.client_list():
        if client["cmd"] in ("subscribe", "unsubscribe") or client["sub"] != "0":
            await redis.client_kill_filter(_id=client["id"])
    assert await next_of(bus.facts()) is None


@on_one_server
async def test_a_connection_that_died_in_silence_is_noticed_within_three_seconds(url: str, redis: Redis) -> None:
    async with Proxy(url) as proxy:
        servers = connect(proxy.url)
        async with Turn(servers) as turn, RedisBus(servers, turn) as bus:
            await bus.subscribe(["here"])
            await bus.ping()  # both connections are there
            facts = bus.facts()
            proxy.fall_silent()
            assert await soon(anext(facts), within_s=3.0) is None
            await until_available(lambda: bus.publish("here", b"after the silence"))
            assert await next_of(facts) == ("here", b"after the silence")


@on_one_server
async def test_a_server_that_answers_but_delivers_nothing_is_noticed_within_three_seconds(
    url: str, redis: Redis
) -> None:
    async with Proxy(url) as proxy:
        servers = connect(proxy.url)
        async with Turn(servers) as turn, RedisBus(servers, turn) as bus:
            await bus.subscribe(MANY)
            await bus.ping()
            facts = bus.facts()
            proxy.go_mute()
            await bus.publish("topic 7", b"unheard")
            assert await soon(anext(facts), within_s=3.0) is None
            with pytest.raises(Unavailable):
                await bus.ping()
            await bus.publish("topic 7", b"heard again")
            assert await next_of(facts) == ("topic 7", b"heard again")
            await until_available(bus.ping)


async def turned_red(bus: RedisBus) -> None:
    while True:
        try:
            await bus.ping()
        except Unavailable:
            return
        await asyncio.sleep(0.01)


async def has_come_back(bus: RedisBus) -> bool:
    return bus.is_heard


@on_one_server
async def test_the_bus_is_heard_as_soon_as_it_is_asked_for_the_first_time(servers: Servers, turn: Turn) -> None:
    for _ in range(5):
        async with RedisBus(servers, turn) as bus:
            await bus.ping()
    with pytest.raises(Unavailable):
        await bus.ping()


@on_one_server
async def test_a_redis_that_takes_nothing_is_no_reason_to_hang_up(
    url: str, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What could not be published cannot be heard: the fault is on the other connection."""
    monkeypatch.setattr(subscriber, "_PROBE_EACH_S", 0.01)
    monkeypatch.setattr(subscriber, "_HEARD_WITHIN_S", 0.5)  # a busy machine hears its own echo within that
    async with Proxy(url) as proxy, Turn(connect(proxy.url)) as turn, RedisBus(connect(url), turn) as bus:
        await bus.subscribe(["here"])
        await bus.ping()
        proxy.to_redis.clear()
        await soon(turned_red(bus))
        (before,) = [each["id"] for each in await redis.client_list(_type="pubsub")]
        await asyncio.sleep(2)  # several probes
        (after,) = [each["id"] for each in await redis.client_list(_type="pubsub")]
        assert before == after
        proxy.to_redis.set()
        await until(lambda: has_come_back(bus))


@on_one_server
async def test_subscribing_while_redis_is_away_is_unavailable_and_leaves_nothing(
    url: str, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.redis.bus.ANSWER_S", 0.2)
    async with Proxy(url) as proxy:
        servers = connect(proxy.url)
        async with Turn(servers) as turn, RedisBus(servers, turn) as bus:
            await bus.subscribe(["before"])
            await proxy.hang_up()
            with pytest.raises(Unavailable):
                await bus.subscribe(["meanwhile", "before"])
            with pytest.raises(Unavailable):
                await bus.publish("before", b"lost")
            await proxy.listen()
            facts = bus.facts()
            assert await next_of(facts) is None
            await until_available(lambda: bus.subscribe(["before", "after"]))
            await until_available(lambda: bus.publish("meanwhile", b"nobody asked for it"))
            await bus.publish("after", b"here")
            assert await next_of(facts) == ("after", b"here")


@on_one_server
async def test_a_short_outage_only_delays_a_subscription(url: str, redis: Redis) -> None:
    async with Proxy(url) as proxy:
        servers = connect(proxy.url)
        async with Turn(servers) as turn, RedisBus(servers, turn) as bus:
            await bus.subscribe(["before"])
            await proxy.hang_up()
            waiting = asyncio.create_task(bus.subscribe(["meanwhile"]))
            await asyncio.sleep(0)
            await proxy.listen()
            await soon(waiting)
            await until_available(lambda: bus.publish("meanwhile", b"it came through"))
            arrived = [await next_of(bus.facts()), await next_of(bus.facts())]
            assert arrived == [None, ("meanwhile", b"it came through")]


async def test_a_closed_bus_has_no_more_facts(servers: Servers, turn: Turn) -> None:
    async with RedisBus(servers, turn) as bus:
        reader = asyncio.create_task(anext(bus.facts(), "the end"))
        await bus.subscribe(["here"])
    assert await soon(reader) == "the end"


async def test_a_mistake_in_the_background_takes_the_owner_down(
    servers: Servers, turn: Turn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(inbox: Inbox, topic: str, fact: bytes) -> None:
        raise LookupError("a mistake")

    monkeypatch.setattr(Inbox, "put", broken)

    async def owner() -> None:
        async with RedisBus(servers, turn) as bus:
            await bus.subscribe(["here"])
            await bus.publish("here", b"boom")
            await soon(asyncio.Event().wait())

    with pytest.raises(ExceptionGroup) as caught:
        await owner()
    assert caught.value.split(LookupError)[1] is None
