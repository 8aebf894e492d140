"""The contract of Presence, on a real Redis."""

from __future__ import annotations

from uuid import UUID, uuid4

from redis.asyncio import Redis

from chat.ids import AccountId, WorkspaceId
from chat.protocol.session import HEARTBEAT_MS
from storage.redis import RedisPresence, Turn
from tests.storage.redis.conftest import ManualClock

WORKSPACE = WorkspaceId(UUID(int=1))


async def test_an_account_is_online_while_any_connection_lives(turn: Turn, redis_clock: ManualClock) -> None:
    presence, account = RedisPresence(turn), AccountId(uuid4())
    await presence.touch(WORKSPACE, account, "first", available=True)
    await redis_clock.advance(20_000)
    await presence.touch(WORKSPACE, account, "second", available=False)
    assert await presence.online(WORKSPACE) == {account: True}
    await redis_clock.advance(11_000)
    assert await presence.online(WORKSPACE) == {account: False}, "the first one was not touched for 31 s"
    await redis_clock.advance(19_999)
    assert await presence.online(WORKSPACE) == {account: False}
    await redis_clock.advance(1)
    assert await presence.online(WORKSPACE) == {}


async def test_one_heartbeat_may_get_lost(turn: Turn, redis_clock: ManualClock) -> None:
    presence, account = RedisPresence(turn), AccountId(uuid4())
    await presence.touch(WORKSPACE, account, "first", available=True)
    await redis_clock.advance(2 * HEARTBEAT_MS)
    assert await presence.online(WORKSPACE) == {account: True}


async def test_an_account_takes_conversations_when_any_connection_does(turn: Turn) -> None:
    presence, one, other = RedisPresence(turn), AccountId(uuid4()), AccountId(uuid4())
    await presence.touch(WORKSPACE, one, "a", available=False)
    await presence.touch(WORKSPACE, one, "b", available=True)
    await presence.touch(WORKSPACE, one, "c", available=False)
    await presence.touch(WORKSPACE, other, "a", available=False)
    assert await presence.online(WORKSPACE) == {one: True, other: False}
    await presence.touch(WORKSPACE, one, "b", available=False)
    assert await presence.online(WORKSPACE) == {one: False, other: False}


async def test_whoever_leaves_is_offline_at_once_and_only_there(turn: Turn) -> None:
    presence, account, elsewhere = RedisPresence(turn), AccountId(uuid4()), WorkspaceId(UUID(int=9))
    await presence.touch(WORKSPACE, account, "a", available=True)
    await presence.touch(elsewhere, account, "a", available=True)
    await presence.leave(WORKSPACE, account, "a")
    assert await presence.online(WORKSPACE) == {}
    assert await presence.online(elsewhere) == {account: True}


async def test_nothing_is_left_in_redis_of_a_workspace_that_everybody_left(
    turn: Turn, redis: Redis, redis_clock: ManualClock
) -> None:
    presence = RedisPresence(turn)
    await presence.touch(WORKSPACE, AccountId(uuid4()), "a", available=True)
    await redis_clock.advance(31_000)
    assert await presence.online(WORKSPACE) == {}
    assert await redis.keys("aican:*") == []
