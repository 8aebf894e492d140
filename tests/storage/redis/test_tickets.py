"""The contract of Tickets, on a real Redis."""

from __future__ import annotations

import asyncio
import secrets

from redis.asyncio import Redis

from storage.redis import RedisTickets, Turn
from tests.storage.values import sign_in


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
