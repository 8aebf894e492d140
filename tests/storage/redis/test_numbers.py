"""The contract of Numbers, on a real Redis."""

from __future__ import annotations

import asyncio
import random
from uuid import UUID, uuid4

import pytest
from redis.asyncio import Redis

from chat.ids import AccountId, ConversationId, Seq, SiteId, VisitorId, WorkspaceId
from chat.model import AccountRole, Actor, Admitted, Kind, Numbered
from chat.ports import Forgotten, HasEnded, Limited, Rate
from storage.redis import RedisNumbers, Turn
from storage.redis import numbers as numbers_module
from tests.storage.redis.conftest import ManualClock
from tests.storage.redis.meters import Meter
from tests.storage.values import UNLIMITED, admitted

HERE = ConversationId(uuid4())
ELSEWHERE = ConversationId(uuid4())
AGENT = Actor.agent(WorkspaceId(UUID(int=1)), AccountId(UUID(int=3)), AccountRole.AGENT)
VISITOR = Actor.visitor(WorkspaceId(UUID(int=1)), SiteId("site"), VisitorId(UUID(int=2)))


@pytest.fixture
def numbers(turn: Turn) -> RedisNumbers:
    return RedisNumbers(turn)


async def place(
    numbers: RedisNumbers,
    message: Admitted,
    *,
    floor: int = 0,
    again: bool = False,
    author: Rate = UNLIMITED,
    conversation: Rate = UNLIMITED,
) -> int | Limited | HasEnded | Forgotten:
    """The number, or why there is none."""
    outcome = await numbers.number(message, author=author, conversation=conversation, floor=Seq(floor), again=again)
    if isinstance(outcome, Numbered):
        assert outcome.admitted is message
        return outcome.seq
    return outcome


async def test_numbers_run_without_holes_in_each_conversation(numbers: RedisNumbers) -> None:
    assert [await place(numbers, admitted(HERE)) for _ in range(3)] == [1, 2, 3]
    assert await place(numbers, admitted(ELSEWHERE)) == 1


async def test_numbers_given_at_once_are_all_different_and_whole(numbers: RedisNumbers) -> None:
    given = await asyncio.gather(*[place(numbers, admitted(HERE)) for _ in range(500)])
    assert sorted(number for number in given if isinstance(number, int)) == list(range(1, 501))


async def test_a_known_client_id_has_its_old_number_even_at_the_same_moment(numbers: RedisNumbers) -> None:
    message = admitted(HERE)
    assert await asyncio.gather(*[place(numbers, message) for _ in range(5)]) == [1] * 5
    await place(numbers, admitted(HERE))
    assert await place(numbers, message) == 1


async def test_a_store_that_remembers_less_than_its_caller_says_so_and_gives_nothing(numbers: RedisNumbers) -> None:
    rate, message = Rate(period_ms=10_000, burst=1), admitted(HERE)
    for again in (False, True):
        for _ in range(3):
            assert await place(numbers, message, floor=41, again=again, author=rate) == Forgotten()
    assert await numbers.tops([HERE]) == [None]
    await numbers.resume(HERE, highest=Seq(41), ended=False)
    assert await place(numbers, message, floor=41, author=rate) == 42, "it had spent nothing"
    assert await place(numbers, message, floor=99) == 42, "what is known keeps its number"
    assert await place(numbers, admitted(HERE), floor=7) == 43
    assert await place(numbers, admitted(HERE), floor=44) == Forgotten()


async def test_again_forgets_the_number_that_another_message_has(numbers: RedisNumbers) -> None:
    message = admitted(HERE)
    assert await place(numbers, message) == 1
    await numbers.resume(HERE, highest=Seq(9), ended=False)
    assert await place(numbers, message, floor=9, again=True) == 10
    assert await place(numbers, message) == 10


async def test_the_message_that_ends_a_conversation_has_its_last_number(numbers: RedisNumbers) -> None:
    earlier, last = admitted(HERE), admitted(HERE, kind=Kind.ENDED)
    assert await place(numbers, earlier) == 1
    assert await place(numbers, last) == 2
    assert await place(numbers, admitted(HERE)) == HasEnded()
    assert await place(numbers, admitted(HERE, kind=Kind.ENDED)) == HasEnded()
    assert await place(numbers, earlier) == 1, "what was numbered before keeps its number"
    assert await place(numbers, last) == 2
    assert await place(numbers, admitted(ELSEWHERE)) == 1


async def test_the_message_that_ended_it_can_be_numbered_again(numbers: RedisNumbers) -> None:
    last = admitted(HERE, kind=Kind.ENDED)
    assert await place(numbers, last) == 1
    await numbers.resume(HERE, highest=Seq(5), ended=True)
    assert await place(numbers, last, floor=5, again=True) == 6
    assert await place(numbers, admitted(HERE)) == HasEnded()


async def test_the_message_that_ends_it_passes_where_the_record_s_end_came_first(numbers: RedisNumbers) -> None:
    last = admitted(HERE, kind=Kind.ENDED)
    await numbers.resume(HERE, highest=Seq(5), ended=True)
    assert await place(numbers, last) == HasEnded()
    assert await place(numbers, admitted(HERE), again=True) == HasEnded()
    assert await place(numbers, last, again=True) == 6
    assert await place(numbers, last) == 6


async def test_a_store_that_was_told_continues_where_the_record_stands(numbers: RedisNumbers) -> None:
    await numbers.resume(HERE, highest=Seq(12), ended=False)
    assert await place(numbers, admitted(HERE)) == 13
    await numbers.resume(HERE, highest=Seq(5), ended=False)
    assert await place(numbers, admitted(HERE)) == 14, "it never lowers a counter"
    await numbers.resume(HERE, highest=Seq(14), ended=True)
    assert await place(numbers, admitted(HERE)) == HasEnded()
    await numbers.resume(HERE, highest=Seq(14), ended=False)
    assert await place(numbers, admitted(HERE)) == HasEnded(), "it never opens what has ended"


async def test_tops_are_what_was_given_and_none_where_nothing_is_remembered(numbers: RedisNumbers) -> None:
    await numbers.resume(HERE, highest=Seq(6), ended=False)
    await place(numbers, admitted(HERE), floor=6)
    assert await numbers.tops([ELSEWHERE, HERE]) == [None, 7]
    assert await numbers.tops([]) == []


async def test_a_redis_that_lost_everything_is_told_and_goes_on(numbers: RedisNumbers, redis: Redis) -> None:
    message = admitted(HERE)
    for expected in range(1, 4):
        assert await place(numbers, admitted(HERE)) == expected
    await redis.flushall()
    await redis.script_flush()
    assert await numbers.tops([HERE]) == [None]
    assert await place(numbers, message, floor=3) == Forgotten()
    await numbers.resume(HERE, highest=Seq(3), ended=False)
    assert await place(numbers, message, floor=3) == 4
    assert await place(numbers, message, floor=3) == 4


async def test_client_ids_are_forgotten_before_they_fill_the_memory(
    numbers: RedisNumbers, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(numbers_module, "_REMEMBERED", 10)
    oldest = admitted(HERE)
    await place(numbers, oldest)
    for _ in range(9):
        await place(numbers, admitted(HERE))
    assert await place(numbers, oldest) == 1
    newest = admitted(HERE)
    assert await place(numbers, newest) == 11
    assert await place(numbers, newest) == 11
    assert await place(numbers, oldest) == 12, "the record knows its client id, not Redis"


async def test_an_unused_conversation_is_forgotten_after_a_week(numbers: RedisNumbers, redis: Redis) -> None:
    await place(numbers, admitted(HERE))
    await numbers.resume(ELSEWHERE, highest=Seq(1), ended=False)
    keys = await redis.keys("aican:*")
    assert len(keys) == 3
    week_ms = 7 * 24 * 3_600_000
    for key in keys:
        assert week_ms - 60_000 < await redis.pttl(key) <= week_ms


async def test_keys_of_a_conversation_share_a_tag_and_hold_no_text(numbers: RedisNumbers, redis: Redis) -> None:
    message = admitted(HERE)
    await place(numbers, message)
    assert sorted(await redis.keys("*")) == [f"aican:known:{{{HERE}}}".encode(), f"aican:numbers:{{{HERE}}}".encode()]
    held = [await redis.hgetall(key) for key in await redis.keys("*")]
    assert message.draft.text.encode() not in repr(held).encode()


# --- budgets ---------------------------------------------------------------------------------------------------------


async def test_over_budget_says_when_and_then_the_same_message_fits(
    numbers: RedisNumbers, redis_clock: ManualClock
) -> None:
    rate = Rate(period_ms=1_000, burst=2)
    assert [await place(numbers, admitted(HERE), author=rate) for _ in range(2)] == [1, 2]
    message = admitted(HERE)
    assert await place(numbers, message, author=rate) == Limited(1_000)
    await redis_clock.advance(999.5)
    assert await place(numbers, message, author=rate) == Limited(1)
    await redis_clock.advance(0.5)
    assert await place(numbers, message, author=rate) == 3
    assert await place(numbers, admitted(HERE), author=rate) == Limited(1_000)


async def test_a_refused_message_takes_nothing_from_any_budget(numbers: RedisNumbers, redis_clock: ManualClock) -> None:
    narrow, wide = Rate(period_ms=10_000, burst=1), Rate(period_ms=1_000, burst=3)
    assert await place(numbers, admitted(HERE), author=narrow, conversation=wide) == 1
    for _ in range(20):
        assert await place(numbers, admitted(HERE), author=narrow, conversation=wide) == Limited(10_000)
    given = [await place(numbers, admitted(HERE, author=AGENT), conversation=wide) for _ in range(3)]
    assert given == [2, 3, Limited(1_000)]


async def test_authors_have_budgets_of_their_own(numbers: RedisNumbers, redis_clock: ManualClock) -> None:
    rate = Rate(period_ms=1_000, burst=1)
    assert await place(numbers, admitted(HERE, author=VISITOR), author=rate) == 1
    assert await place(numbers, admitted(HERE, author=AGENT), author=rate) == 2
    assert await place(numbers, admitted(HERE, author=VISITOR), author=rate) == Limited(1_000)
    assert await place(numbers, admitted(ELSEWHERE, author=VISITOR), author=rate) == 1


async def test_a_known_message_is_never_over_budget(numbers: RedisNumbers, redis_clock: ManualClock) -> None:
    rate = Rate(period_ms=1_000, burst=1)
    message = admitted(HERE)
    assert await place(numbers, message, author=rate) == 1
    assert await place(numbers, message, author=rate) == 1
    assert await place(numbers, message, author=rate, again=True) == 2
    assert await place(numbers, admitted(HERE), author=rate) == Limited(1_000)


async def test_nobody_waits_longer_because_the_clock_went_back(numbers: RedisNumbers, redis_clock: ManualClock) -> None:
    rate = Rate(period_ms=1_000, burst=3)
    for _ in range(3):
        await place(numbers, admitted(HERE), author=rate)
    await redis_clock.advance(-3_600_000)
    assert await place(numbers, admitted(HERE), author=rate) == Limited(1_000)


@pytest.mark.parametrize("seed", range(5))
async def test_the_script_does_what_the_model_does(numbers: RedisNumbers, redis_clock: ManualClock, seed: int) -> None:
    """Two hundred random steps against a model that counts differently: a leaking meter instead of arrival times."""
    dice = random.Random(seed)
    author_rate = Rate(dice.choice((0, 1, 70, 400)), dice.randint(1, 4))
    conversation_rate = Rate(dice.choice((0, 1, 50, 250)), dice.randint(1, 6))
    authors = {VISITOR: Meter(author_rate), AGENT: Meter(author_rate)}
    whole = Meter(conversation_rate)
    known: dict[UUID, int] = {}
    highest = 0
    for _ in range(200):
        await redis_clock.advance(dice.choice((0, 0, 0.001, 3, 49.999, 120, 900)))
        author = dice.choice((VISITOR, AGENT))
        repeated = dice.choice(list(known)) if known and dice.random() < 0.15 else None
        message = admitted(HERE, author=author, client_id=repeated)
        floor = dice.choice((0, highest, highest + 3)) if dice.random() < 0.15 else 0
        outcome = await place(numbers, message, floor=floor, author=author_rate, conversation=conversation_rate)
        if not repeated and floor > highest:
            assert outcome == Forgotten()
            continue
        if repeated:
            assert outcome == known[repeated]
            continue
        wait = max(authors[author].wait_ms(redis_clock.now_ms), whole.wait_ms(redis_clock.now_ms))
        if wait:
            assert outcome == Limited(wait)
            continue
        authors[author].pour(redis_clock.now_ms)
        whole.pour(redis_clock.now_ms)
        highest += 1
        known[message.draft.client_id] = highest
        assert outcome == highest


async def test_with_the_clock_of_redis_a_wait_is_long_enough_and_never_over_a_period(numbers: RedisNumbers) -> None:
    rate = Rate(period_ms=20, burst=2)
    loop = asyncio.get_running_loop()
    began = loop.time()
    for expected in range(1, 13):
        message = admitted(HERE)
        while isinstance(outcome := await place(numbers, message, author=rate), Limited):
            assert 1 <= outcome.retry_after_ms <= 20
            await asyncio.sleep(outcome.retry_after_ms / 1_000)
        assert outcome == expected
    # Two at once, then ten periods. The clocks of the loop and of Redis may differ by a tick.
    assert loop.time() - began >= 10 * 0.020 - 0.002
