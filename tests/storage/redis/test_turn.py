"""Calls of one turn go out together, and each gets its own answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from chat.errors import Unavailable
from storage.redis import Turn, connect, line, wire
from storage.redis import turn as turn_module
from storage.redis.failures import WrongKind
from storage.redis.line import Line
from storage.redis.prepared import prepared
from storage.redis.scripts import script
from storage.redis.servers import Servers
from storage.redis.wire import Wire
from tests.storage.redis.conftest import CLUSTER, on_one_server
from tests.storage.redis.fleet import ClusterFleet, WatchedFleet
from tests.storage.redis.proxy import Proxy
from tests.storage.waiting import soon, until

ECHO = script("-- ARGV[1]  what to return\nreturn ARGV[1]")


@on_one_server
async def test_calls_of_one_turn_of_the_loop_are_one_write(turn: Turn, monkeypatch: pytest.MonkeyPatch) -> None:
    await turn.ask("PING")
    writes: list[int] = []
    flush = Wire._flush

    def counted(wire: Wire) -> None:
        writes.append(len(wire._unsent))
        flush(wire)

    monkeypatch.setattr(Wire, "_flush", counted)
    await asyncio.gather(*[turn.ask("SET", f"key {each}", each) for each in range(100)])
    assert writes == [100]
    await turn.ask_all(("GET", f"key {each}") for each in range(50))
    assert writes == [100, 50]


@on_one_server
async def test_what_is_asked_while_the_server_has_not_answered_gathers_until_it_does(
    url: str, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "_GATHERING_S", 600.0)
    async with unanswered(url, redis) as (proxy, turn, first):
        rest = []
        for _ in range(9):
            rest.append(turn.ask("INCR", "counter"))
            await asyncio.sleep(0)
        assert await has(redis, "counter", 1)
        proxy.from_redis.set()
        assert await soon(asyncio.gather(first, *rest)) == list(range(1, 11))


@on_one_server
async def test_so_much_does_not_gather_as_would_make_a_packet_of_its_own(
    url: str, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "_GATHERING_S", 600.0)
    async with unanswered(url, redis) as (proxy, turn, _):
        turn.ask("INCR", "counter")
        turn.ask("SET", "large", bytes(wire._MOST_GATHERED))
        await until(lambda: has(redis, "counter", 2))
        proxy.from_redis.set()


@on_one_server
async def test_what_is_asked_while_others_are_under_way_does_not_wait_for_them(url: str, redis: Redis) -> None:
    async with Proxy(url) as proxy, Turn(connect(proxy.url)) as turn:
        await turn.ask("PING")
        proxy.from_redis.clear()
        for expected in (1, 2, 3):
            counted = turn.ask("INCR", "counter")
            await until(lambda expected=expected: has(redis, "counter", expected))
        assert not counted.done()
        proxy.from_redis.set()
        assert await soon(counted) == 3


@asynccontextmanager
async def unanswered(url: str, redis: Redis) -> AsyncIterator[tuple[Proxy, Turn, asyncio.Future[Any]]]:
    """A proxy that holds back what the server says, the turn behind it, and one call that was carried out."""
    async with Proxy(url) as proxy, Turn(connect(proxy.url)) as turn:
        await turn.ask("PING")
        proxy.from_redis.clear()
        first = turn.ask("INCR", "counter")
        await until(lambda: has(redis, "counter", 1))
        yield proxy, turn, first


async def has(redis: Redis, key: str, value: int) -> bool:
    """Whether the server has come so far."""
    return bool(await redis.get(key) == str(value).encode())


async def test_every_caller_gets_its_own_answer(turn: Turn) -> None:
    await asyncio.gather(*[turn.ask("SET", f"key {each}", each) for each in range(100)])
    answers = await asyncio.gather(*[turn.ask("GET", f"key {each}") for each in range(100)])
    assert answers == [str(each).encode() for each in range(100)]


async def test_one_callers_mistake_is_its_own(turn: Turn) -> None:
    await turn.ask("SET", "text", "no list")
    answers = await asyncio.gather(
        turn.ask("GET", "text"),
        turn.ask("LPOP", "text"),
        turn.ask("GET", "text"),
        return_exceptions=True,
    )
    assert answers[0] == answers[2] == b"no list"
    assert isinstance(answers[1], ResponseError)


async def test_calls_are_carried_out_in_order(turn: Turn) -> None:
    calls = [turn.ask("RPUSH", "list", each) for each in range(3_000)]
    await asyncio.gather(*calls)
    assert await turn.ask("LRANGE", "list", 0, -1) == [str(each).encode() for each in range(3_000)]


async def test_a_script_that_redis_forgot_is_sent_again(turn: Turn, redis: Redis) -> None:
    for _ in range(2):
        answers = await asyncio.gather(*[turn.run(ECHO, [], each) for each in range(10)])
        assert answers == [str(each).encode() for each in range(10)]
        assert await redis.script_exists(ECHO.sha) == [True]
        await redis.script_flush()


async def test_a_cancelled_caller_disturbs_nobody(turn: Turn) -> None:
    calls = [turn.ask("RPUSH", "list", each) for each in range(10)]
    await asyncio.sleep(0)
    calls[3].cancel()
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert isinstance(answers[3], asyncio.CancelledError)
    assert [answer for answer in answers if isinstance(answer, int)] == [1, 2, 3, 5, 6, 7, 8, 9, 10]


async def test_a_redis_that_cannot_be_reached_is_unavailable_to_every_caller(tmp_path: Path) -> None:
    async with Turn(connect(f"unix://{tmp_path}/none.sock")) as turn:
        answers = await asyncio.gather(*[turn.ask("PING") for _ in range(3)], turn.ping(), return_exceptions=True)
    assert [type(answer) for answer in answers] == [Unavailable] * 4
    assert len({id(answer) for answer in answers}) == 4, "one traceback each"


@on_one_server
async def test_a_redis_that_does_not_answer_is_unavailable(
    turn: Turn, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line, "ANSWER_S", 0.1)
    await turn.ask("PING")
    await redis.client_pause(400)
    waiting = [turn.ask("SET", f"key {each}", 1) for each in range(3)]
    assert [type(each) for each in await asyncio.gather(*waiting, return_exceptions=True)] == [Unavailable] * 3
    monkeypatch.undo()
    assert await turn.ask("PING"), "the next call finds a new connection and waits for its answer"


@on_one_server
async def test_a_deadline_is_the_calls_own_and_not_that_of_those_before_it(
    turn: Turn, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody always waits, and nobody too long: the connection stays."""
    monkeypatch.setattr(line, "ANSWER_S", 1.5)  # less than all of them together, three times as long as each
    name = await turn.ask("CLIENT", "ID")
    for _ in range(4):
        first = turn.ask("BLPOP", "nobody writes here", 0.5)
        await asyncio.sleep(0.3)
        behind = turn.ask("PING")
        assert await first is None
        assert await behind == b"PONG"
    assert await turn.ask("CLIENT", "ID") == name


@on_one_server
async def test_too_many_calls_are_turned_away_at_once(turn: Turn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "MOST_WAITING", 5)
    answers = await asyncio.gather(*[turn.ask("PING") for _ in range(8)], return_exceptions=True)
    assert answers[:5] == [b"PONG"] * 5
    assert [type(answer) for answer in answers[5:]] == [Unavailable] * 3
    assert await turn.ask("PING") == b"PONG"


@on_one_server
async def test_a_server_that_takes_nothing_any_more_gets_nothing_more(url: str, redis: Redis) -> None:
    async with Proxy(url) as proxy, Turn(connect(proxy.url)) as turn:
        await turn.ask("PING")
        proxy.to_redis.clear()
        first = turn.ask("SET", "big", bytes(12 * 2**20))
        await asyncio.sleep(0.05)  # as much as fits is on its way; the rest waits here
        with pytest.raises(Unavailable, match="too much"):
            await turn.ask("GET", "big")
        proxy.to_redis.set()
        assert await soon(first) == b"OK"
        assert await turn.ask("STRLEN", "big") == 12 * 2**20


@on_one_server
async def test_a_redis_that_may_not_write_is_unavailable(turn: Turn, redis: Redis) -> None:
    await redis.config_set("maxmemory", "1")
    try:
        with pytest.raises(Unavailable):
            await turn.ask("SET", "key", "value")
    finally:
        await redis.config_set("maxmemory", "0")
    assert await turn.ask("SET", "key", "value")


@on_one_server
async def test_what_is_asked_after_a_loss_goes_on_a_new_connection(turn: Turn, redis: Redis) -> None:
    name = await turn.ask("CLIENT", "ID")
    lost = turn.ask("BLPOP", "list", 5)
    await until(lambda: redis.client_kill_filter(_id=name))
    with pytest.raises(Unavailable):
        await soon(lost)
    assert await turn.ask("CLIENT", "ID") > name


@on_one_server
async def test_nothing_is_repeated_after_a_loss(url: str, redis: Redis) -> None:
    async with Proxy(url) as proxy, Turn(connect(proxy.url)) as turn:
        await turn.ask("PING")
        proxy.from_redis.clear()
        calls = [turn.ask("INCR", "counter") for _ in range(5)]
        await until(lambda: has(redis, "counter", 5))
        await proxy.hang_up()
        assert [type(each) for each in await asyncio.gather(*calls, return_exceptions=True)] == [Unavailable] * 5
        await proxy.listen()
        assert await turn.ask("GET", "counter") == b"5"


async def test_after_closing_nothing_is_sent(servers: Servers) -> None:
    async with Turn(servers) as turn:
        last = turn.ask("SET", "key", "value")
    assert await last, "what was asked before is answered"
    with pytest.raises(Unavailable):
        await turn.ask("GET", "key")


@on_one_server
async def test_closing_does_not_wait_for_ever(servers: Servers, redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turn_module, "_LAST_ANSWERS_S", 0.05)
    async with Turn(servers) as turn:
        waiting = turn.ask("BLPOP", "list", 2)
    with pytest.raises(Unavailable):
        await soon(waiting)


async def test_an_owner_that_fails_keeps_its_own_error_and_nobody_waits(servers: Servers) -> None:
    waiting: list[asyncio.Future[object]] = []

    async def owner() -> None:
        async with Turn(servers) as turn:
            await turn.ping()
            waiting.append(turn.ask("BLPOP", "list", 2))
            raise LookupError("the owner's")

    with pytest.raises(LookupError, match="the owner's"):
        await owner()
    with pytest.raises(Unavailable):
        await soon(waiting[0])


@on_one_server
async def test_a_mistake_in_the_background_takes_the_owner_down_and_nobody_waits(
    servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(line: Line, replies: list[object]) -> None:
        raise LookupError("a mistake")

    monkeypatch.setattr(Line, "_take", broken)
    waiting: list[asyncio.Future[object]] = []

    async def owner() -> None:
        async with Turn(servers) as turn:
            waiting.append(turn.ask("PING"))
            await asyncio.Event().wait()

    with pytest.raises(ExceptionGroup) as caught:
        await soon(owner())
    assert caught.value.split(LookupError)[1] is None
    with pytest.raises(LookupError):
        await soon(waiting[0])


# --- thousands at once ------------------------------------------------------------------------------------------------


async def test_thousands_of_answers_are_in_the_order_in_which_they_were_asked(turn: Turn) -> None:
    await asyncio.gather(*[turn.ask("SET", f"key {each}", each) for each in range(0, 2_500, 2)])
    answers = await turn.ask_prepared([prepared("GET", f"key {each}") for each in range(2_500)])
    assert answers == [None if each % 2 else str(each).encode() for each in range(2_500)]


async def test_one_mistake_among_thousands_is_told(turn: Turn) -> None:
    await turn.ask("RPUSH", "key 7", "no text")
    with pytest.raises(ResponseError, match="WRONGTYPE"):
        await turn.ask_prepared([prepared("GET", f"key {each}") for each in range(10)])


async def test_thousands_of_questions_let_others_between(turn: Turn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turn_module, "_PORTION", 10)
    many = asyncio.ensure_future(turn.ask_prepared([prepared("GET", f"key {each}") for each in range(1_000)]))
    await asyncio.sleep(0)
    await turn.ask("PING" if turn._routes is None else "GET", "key")
    assert not many.done()
    assert await many == [None] * 1_000


# --- kinds of servers -------------------------------------------------------------------------------------------------


async def test_what_answers_at_the_address_says_what_it_is(turn: Turn, deployment: str) -> None:
    await turn.check()
    told = await turn.about()
    assert told.split()[0] in ("Valkey", "Redis")
    assert told.endswith(" (Cluster)") is (deployment == CLUSTER)


async def test_a_cluster_at_a_plain_address_is_told_in_one_line(cluster_fleet: ClusterFleet) -> None:
    async with Turn(connect(f"redis://{cluster_fleet.servers[0].node}")) as turn:
        with pytest.raises(WrongKind, match=r"redis\+cluster://"):
            await turn.check()


async def test_one_server_at_the_address_of_a_cluster_is_told_in_one_line(watched_fleet: WatchedFleet) -> None:
    async with Turn(connect(f"redis+cluster://{watched_fleet.second.node}")) as turn:
        with pytest.raises(WrongKind, match="no Cluster"):
            await turn.check()
