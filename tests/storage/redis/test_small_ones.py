"""The contracts of MarkBoard, Presence, SignIns, Tickets and Budgets, on a real Redis."""

from __future__ import annotations

import asyncio
import secrets
import time
from uuid import UUID, uuid4

import pytest
from msgspec.structs import replace
from redis.asyncio import Redis

from chat.ids import AccountId, ConversationId, Seq, WorkspaceId
from chat.model import ReadMarks, Role
from chat.ports import Limited, Rate
from storage.redis import RedisBudgets, RedisMarkBoard, RedisPresence, RedisSignIns, RedisTickets, Turn
from tests.storage.conftest import ManualClock
from tests.storage.redis.meters import Meter
from tests.storage.values import sign_in

HERE = ConversationId(uuid4())
WORKSPACE = WorkspaceId(UUID(int=1))
HOUR_MS = 3_600_000


def marks(role: Role, received: int, read: int) -> ReadMarks:
    return ReadMarks(role, Seq(received), Seq(read))


# --- marks -----------------------------------------------------------------------------------------------------------


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


# --- presence --------------------------------------------------------------------------------------------------------


async def test_an_account_is_online_while_any_connection_lives(turn: Turn, redis_clock: ManualClock) -> None:
    presence, account = RedisPresence(turn), AccountId(uuid4())
    await presence.touch(WORKSPACE, account, "first", available=True)
    await redis_clock.advance(30_000)
    await presence.touch(WORKSPACE, account, "second", available=False)
    assert await presence.online(WORKSPACE) == {account: True}
    await redis_clock.advance(15_000)
    assert await presence.online(WORKSPACE) == {account: False}, "the first one was not touched for 45 s"
    await redis_clock.advance(29_999)
    assert await presence.online(WORKSPACE) == {account: False}
    await redis_clock.advance(1)
    assert await presence.online(WORKSPACE) == {}


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
    await redis_clock.advance(45_000)
    assert await presence.online(WORKSPACE) == {}
    assert await redis.keys("aican:*") == []


# --- sign-ins --------------------------------------------------------------------------------------------------------


@pytest.fixture
def sign_ins(turn: Turn) -> RedisSignIns:
    return RedisSignIns(turn)


@pytest.fixture
def now() -> int:
    """Keys really expire, so these times are near the present."""
    return time.time_ns() // 1_000_000


async def test_a_sign_in_is_found_by_its_secrets_hash_alone(sign_ins: RedisSignIns, now: int) -> None:
    secret_hash = secrets.token_bytes(32)
    signed_in = sign_in(secret_hash, at=now)
    await sign_ins.add(secret_hash, signed_in)
    assert await sign_ins.use(secret_hash, now=now) == signed_in
    assert await sign_ins.use(secrets.token_bytes(32), now=now) is None
    assert await sign_ins.is_live(signed_in.account, signed_in.id)
    assert not await sign_ins.is_live(AccountId(uuid4()), signed_in.id)


async def test_a_sign_in_ends_half_an_hour_after_its_last_use(sign_ins: RedisSignIns, now: int) -> None:
    secret_hash = secrets.token_bytes(32)
    await sign_ins.add(secret_hash, sign_in(secret_hash, at=now))
    used = await sign_ins.use(secret_hash, now=now + 29 * 60_000)
    assert used is not None
    assert used.used_at == now + 29 * 60_000
    assert await sign_ins.use(secret_hash, now=now + 58 * 60_000) is not None
    assert await sign_ins.use(secret_hash, now=now + 88 * 60_000) is None


async def test_a_sign_in_ends_after_twelve_hours_however_much_it_is_used(sign_ins: RedisSignIns, now: int) -> None:
    secret_hash = secrets.token_bytes(32)
    await sign_ins.add(secret_hash, sign_in(secret_hash, at=now))
    for minutes in range(20, 12 * 60, 20):
        assert await sign_ins.use(secret_hash, now=now + minutes * 60_000) is not None
    assert await sign_ins.use(secret_hash, now=now + 12 * HOUR_MS - 1) is not None
    assert await sign_ins.use(secret_hash, now=now + 12 * HOUR_MS) is None


async def test_uses_within_a_minute_write_nothing(sign_ins: RedisSignIns, redis: Redis, now: int) -> None:
    secret_hash = secrets.token_bytes(32)
    signed_in = sign_in(secret_hash, at=now)
    await sign_ins.add(secret_hash, signed_in)
    assert await sign_ins.use(secret_hash, now=now + 59_999) == signed_in
    assert await sign_ins.use(secret_hash, now=now + 60_000) == replace(signed_in, used_at=now + 60_000)


async def test_redis_itself_forgets_a_sign_in_that_is_not_used(sign_ins: RedisSignIns, redis: Redis, now: int) -> None:
    secret_hash = secrets.token_bytes(32)
    signed_in = sign_in(secret_hash, at=now)
    await sign_ins.add(secret_hash, signed_in)
    assert 0 < await redis.pttl(f"aican:sign-in:{{{signed_in.id}}}") <= 30 * 60_000
    assert 0 < await redis.pttl(f"aican:sign-ins:{{{signed_in.account}}}") <= 12 * HOUR_MS


async def test_what_is_over_already_is_not_kept(sign_ins: RedisSignIns, redis: Redis, now: int) -> None:
    secret_hash = secrets.token_bytes(32)
    await sign_ins.add(secret_hash, replace(sign_in(secret_hash, at=now - 12 * HOUR_MS), used_at=now))
    assert await redis.keys("*") == []


async def test_an_ended_sign_in_stays_ended(sign_ins: RedisSignIns, now: int) -> None:
    one, other = secrets.token_bytes(32), secrets.token_bytes(32)
    account = uuid4()
    for each in (one, other):
        await sign_ins.add(each, sign_in(each, account=account, at=now))
    await sign_ins.end(one)
    assert await sign_ins.use(one, now=now + 61_000) is None
    assert not await sign_ins.is_live(AccountId(account), one[:16].hex())
    assert await sign_ins.use(other, now=now + 61_000) is not None
    await sign_ins.end(one)


async def test_all_sign_ins_of_an_account_end_together_and_no_others(sign_ins: RedisSignIns, now: int) -> None:
    account, hashes = uuid4(), [secrets.token_bytes(32) for _ in range(3)]
    for each in hashes:
        await sign_ins.add(each, sign_in(each, account=account, at=now))
    stranger = secrets.token_bytes(32)
    await sign_ins.add(stranger, sign_in(stranger, at=now))
    await sign_ins.end_all(AccountId(account))
    assert [await sign_ins.use(each, now=now + 61_000) for each in hashes] == [None] * 3
    assert not await sign_ins.is_live(AccountId(account), hashes[0][:16].hex())
    assert await sign_ins.use(stranger, now=now) is not None


async def test_a_renewal_at_the_moment_of_the_end_does_not_bring_it_back(
    sign_ins: RedisSignIns, redis: Redis, now: int
) -> None:
    for _ in range(20):
        secret_hash = secrets.token_bytes(32)
        signed_in = sign_in(secret_hash, at=now)
        await sign_ins.add(secret_hash, signed_in)
        await asyncio.gather(sign_ins.use(secret_hash, now=now + 61_000), sign_ins.end(secret_hash))
        assert await sign_ins.use(secret_hash, now=now + 61_000) is None
    assert await redis.keys("*") == []


async def test_a_sign_in_under_another_ones_hash_is_refused(sign_ins: RedisSignIns, now: int) -> None:
    with pytest.raises(ValueError, match="first half"):
        await sign_ins.add(secrets.token_bytes(32), sign_in(secrets.token_bytes(32), at=now))


# --- tickets ---------------------------------------------------------------------------------------------------------


async def test_a_ticket_is_taken_once_even_by_two_at_once(turn: Turn) -> None:
    tickets = RedisTickets(turn)
    for _ in range(20):
        ticket_hash = secrets.token_bytes(32)
        signed_in = sign_in(secrets.token_bytes(32))
        await tickets.add(ticket_hash, signed_in)
        taken = await asyncio.gather(*[tickets.take(ticket_hash) for _ in range(2)])
        assert sorted(taken, key=bool) == [None, signed_in]
    assert await tickets.take(secrets.token_bytes(32)) is None


async def test_a_ticket_is_good_for_thirty_seconds(turn: Turn, redis: Redis) -> None:
    await RedisTickets(turn).add(secrets.token_bytes(32), sign_in(secrets.token_bytes(32)))
    (key,) = await redis.keys("*")
    assert 29_000 < await redis.pttl(key) <= 30_000


# --- budgets ---------------------------------------------------------------------------------------------------------


async def test_a_budget_admits_its_burst_and_then_one_each_period(turn: Turn, redis_clock: ManualClock) -> None:
    budgets, rate = RedisBudgets(turn), Rate(period_ms=10_000, burst=3)
    assert [await budgets.take("door", rate) for _ in range(4)] == [None, None, None, Limited(10_000)]
    assert await budgets.take("another door", rate) is None
    await redis_clock.advance(10_000)
    assert [await budgets.take("door", rate) for _ in range(2)] == [None, Limited(10_000)]


async def test_a_period_of_zero_is_no_limit(turn: Turn) -> None:
    budgets = RedisBudgets(turn)
    assert {await budgets.take("door", Rate(period_ms=0, burst=1)) for _ in range(20)} == {None}


async def test_of_many_at_once_only_the_burst_gets_in(turn: Turn) -> None:
    budgets, rate = RedisBudgets(turn), Rate(period_ms=60_000, burst=5)
    outcomes = await asyncio.gather(*[budgets.take("door", rate) for _ in range(50)])
    assert sum(outcome is None for outcome in outcomes) == 5


async def test_a_full_budget_leaves_no_key(turn: Turn, redis: Redis) -> None:
    await RedisBudgets(turn).take("door", Rate(period_ms=1_000, burst=5))
    assert 0 < await redis.pttl("aican:budget:{door}") <= 1_000


async def test_the_budget_script_does_what_the_meter_does(turn: Turn, redis_clock: ManualClock) -> None:
    # Keys really expire, so the periods are much longer than the test.
    budgets, rate = RedisBudgets(turn), Rate(period_ms=40_000, burst=3)
    meter = Meter(rate)
    for step in range(200):
        await redis_clock.advance((0, 0.001, 13_300, 1, 70_000.5, 0)[step % 6])
        wait = meter.wait_ms(redis_clock.now_ms)
        assert await budgets.take("door", rate) == (Limited(wait) if wait else None)
        if not wait:
            meter.pour(redis_clock.now_ms)
