"""The contract of MarkBoard, on a real Redis."""

from __future__ import annotations

from uuid import uuid4

from redis.asyncio import Redis

from chat.ids import ConversationId, Seq
from chat.model import ReadMarks, Role
from storage.redis import RedisMarkBoard, Turn

HERE = ConversationId(uuid4())
HOUR_MS = 3_600_000


def marks(role: Role, received: int, read: int) -> ReadMarks:
    return ReadMarks(role, Seq(received), Seq(read))


async def test_marks_only_rise_each_by_itself(turn: Turn) -> None:
    board = RedisMarkBoard(turn)
    assert await board.of(HERE) == []
    await board.raise_to(HERE, marks(Role.VISITOR, 5, 3))
    await board.raise_to(HERE, marks(Role.VISITOR, 4, 4))
    await board.raise_to(HERE, marks(Role.AGENT, 0, 0))
    assert await board.of(HERE) == [marks(Role.VISITOR, 5, 4), marks(Role.AGENT, 0, 0)]


async def test_marks_above_nine_are_compared_as_numbers(turn: Turn) -> None:
    board = RedisMarkBoard(turn)
    await board.raise_to(HERE, marks(Role.AGENT, 10, 9))
    await board.raise_to(HERE, marks(Role.AGENT, 9, 10))
    assert await board.of(HERE) == [marks(Role.AGENT, 10, 10)]


async def test_marks_are_forgotten_a_week_after_the_last(turn: Turn, redis: Redis) -> None:
    await RedisMarkBoard(turn).raise_to(HERE, marks(Role.AGENT, 1, 1))
    (key,) = await redis.keys("*")
    assert 7 * 24 * HOUR_MS - 60_000 < await redis.pttl(key) <= 7 * 24 * HOUR_MS
