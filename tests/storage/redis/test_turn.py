"""Calls of one turn go out together, and each gets its own answer."""

from __future__ import annotations

import asyncio

import pytest
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from chat.errors import Unavailable
from storage.redis import Turn, connect, ping
from storage.redis.scripts import script
from storage.redis.turn import command, run

ECHO = script("-- ARGV[1]  what to return\nreturn ARGV[1]")


async def test_calls_of_one_turn_of_the_loop_are_one_pipeline(
    turn: Turn, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    pipeline = turn._pipeline

    async def counted(commands: list[tuple[object, ...]]) -> list[object]:
        sizes.append(len(commands))
        return await pipeline(commands)

    monkeypatch.setattr(turn, "_pipeline", counted)
    await asyncio.gather(*[turn.ask(command("SET", f"key {each}", each)) for each in range(100)])
    assert sizes == [100]
    await turn.ask_all(command("GET", f"key {each}") for each in range(50))
    assert sizes == [100, 50]


async def test_every_caller_gets_its_own_answer(turn: Turn) -> None:
    await asyncio.gather(*[turn.ask(command("SET", f"key {each}", each)) for each in range(100)])
    answers = await asyncio.gather(*[turn.ask(command("GET", f"key {each}")) for each in range(100)])
    assert answers == [str(each).encode() for each in range(100)]


async def test_one_callers_mistake_is_its_own(turn: Turn) -> None:
    await turn.ask(command("SET", "text", "no list"))
    answers = await asyncio.gather(
        turn.ask(command("GET", "text")),
        turn.ask(command("LPOP", "text")),
        turn.ask(command("GET", "text")),
        return_exceptions=True,
    )
    assert answers[0] == answers[2] == b"no list"
    assert isinstance(answers[1], ResponseError)


async def test_calls_are_carried_out_in_order(turn: Turn) -> None:
    calls = [asyncio.create_task(turn.ask(command("RPUSH", "list", each))) for each in range(3_000)]
    await asyncio.gather(*calls)
    assert await turn.ask(command("LRANGE", "list", 0, -1)) == [str(each).encode() for each in range(3_000)]


async def test_a_script_that_redis_forgot_is_sent_again(turn: Turn, redis: Redis) -> None:
    for _ in range(2):
        answers = await asyncio.gather(*[turn.ask(run(ECHO, [], each)) for each in range(10)])
        assert answers == [str(each).encode() for each in range(10)]
        assert await redis.script_exists(ECHO.sha) == [True]
        await redis.script_flush()


async def test_a_cancelled_caller_disturbs_nobody(turn: Turn) -> None:
    tasks = [asyncio.create_task(turn.ask(command("RPUSH", "list", each))) for each in range(10)]
    await asyncio.sleep(0)
    tasks[3].cancel()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(answers[3], asyncio.CancelledError)
    assert [answer for answer in answers if isinstance(answer, int)] == [1, 2, 3, 5, 6, 7, 8, 9, 10]


async def test_a_redis_that_cannot_be_reached_is_unavailable_to_every_caller() -> None:
    client = connect("unix:///nowhere/redis.sock")
    async with Turn(client) as turn:
        answers = await asyncio.gather(
            *[turn.ask(command("PING")) for _ in range(3)], ping(client), return_exceptions=True
        )
    assert [type(answer) for answer in answers] == [Unavailable] * 4
    assert len({id(answer) for answer in answers}) == 4, "one traceback each"
    await client.aclose()


async def test_a_redis_that_does_not_answer_is_unavailable(
    turn: Turn, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.redis.turn.ANSWER_S", 0.1)
    await redis.client_pause(400)
    with pytest.raises(Unavailable):
        await turn.ask(command("SET", "key", 1))
    monkeypatch.undo()
    assert await turn.ask(command("PING")), "the next call finds a new connection and waits for its answer"


async def test_a_redis_that_may_not_write_is_unavailable(turn: Turn, redis: Redis) -> None:
    await redis.config_set("maxmemory", "1")
    try:
        with pytest.raises(Unavailable):
            await turn.ask(command("SET", "key", "value"))
    finally:
        await redis.config_set("maxmemory", "0")
    assert await turn.ask(command("SET", "key", "value"))


async def test_after_closing_nothing_is_sent(redis: Redis) -> None:
    async with Turn(redis) as turn:
        last = asyncio.create_task(turn.ask(command("SET", "key", "value")))
        await asyncio.sleep(0)
    assert await last, "what was asked before is answered"
    with pytest.raises(Unavailable):
        await turn.ask(command("GET", "key"))
