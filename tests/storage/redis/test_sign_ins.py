"""The contract of SignIns, on a real Redis."""

from __future__ import annotations

import asyncio
import secrets
import time
from uuid import uuid4

import pytest
from msgspec.structs import replace
from redis.asyncio import Redis

from chat.ids import AccountId
from storage.redis import RedisSignIns, Turn
from tests.storage.values import sign_in

HOUR_MS = 3_600_000


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
