"""A budget admits exactly what a bucket that leaks would, and says exactly when the next one fits."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.budgets import rates
from chat.budgets.gcra import MOST_S, ROUNDING_S, Budget, FairBudget
from chat.model import Role
from chat.ports import Rate
from tests.clock import ManualClock


class Bucket:
    """The same rule, told another way: a bucket of ``burst`` drops that loses one each period. In exact fractions."""

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._level = Fraction(0)
        self._at = Fraction(0)

    def take(self, now: Fraction) -> Fraction:
        period = Fraction(self._rate.period_ms, 1000)
        if not period:
            return Fraction(0)
        self._level = max(Fraction(0), self._level - (now - self._at) / period)
        self._at = now
        overflow = self._level + 1 - self._rate.burst
        if overflow > 0:
            return overflow * period
        self._level += 1
        return Fraction(0)


# Eighths of a second and their multiples are exact in binary, so both must agree to the last bit.
exact_rates = st.builds(Rate, period_ms=st.sampled_from([0, 125, 250, 500, 1_000, 3_000]), burst=st.integers(1, 50))
exact_waits = st.lists(st.sampled_from([Fraction(0), Fraction(1, 64), Fraction(1, 8), Fraction(1), Fraction(7)]))


@given(rate=exact_rates, start=st.integers(0, 10**6), waits=exact_waits)
def test_it_admits_and_delays_exactly_as_a_leaking_bucket(rate: Rate, start: int, waits: list[Fraction]) -> None:
    budget, bucket, now = Budget(rate), Bucket(rate), Fraction(start)
    for wait in waits:
        now += wait
        assert budget.take(float(now)) == bucket.take(now)


every_rate = st.builds(Rate, period_ms=st.integers(1, 10_000), burst=st.integers(1, 100))
moments = st.lists(st.floats(0, 100), min_size=1, max_size=200).map(sorted)


@given(rate=every_rate, at=moments)
def test_no_stretch_of_time_admits_more_than_its_burst_and_its_periods(rate: Rate, at: list[float]) -> None:
    budget = Budget(rate)
    admitted = [now for now in at if budget.take(now) == 0.0]
    for first, start in enumerate(admitted):
        for last, end in enumerate(admitted[first:], start=1):
            assert last <= rate.burst + (end - start) * 1000 / rate.period_ms + 0.01


@given(rate=every_rate, tries=st.integers(1, 300), start=st.floats(0, 1e6))
def test_one_fits_after_the_time_it_says_and_none_before(rate: Rate, tries: int, start: float) -> None:
    budget = Budget(rate)
    for _ in range(tries):
        wait = budget.take(start)
    if wait:
        assert budget.take(start + wait * 0.99 - 1e-5) > 0
        assert budget.take(start + wait) == 0.0


@given(rate=every_rate, start=st.floats(0, 1e6), refused=st.integers(1, 50))
def test_the_whole_burst_is_admitted_and_refusals_cost_nothing(rate: Rate, start: float, refused: int) -> None:
    budget = Budget(rate)
    for _ in range(rate.burst):
        assert budget.take(start) == 0.0
    waits = {budget.take(start) for _ in range(refused)}
    assert len(waits) == 1
    assert waits.pop() == pytest.approx(rate.period_ms / 1000, abs=1e-5)


def test_the_burst_comes_at_once_and_then_one_each_period() -> None:
    clock = ManualClock()
    budget = Budget(Rate(period_ms=500, burst=3))
    assert [budget.take(clock.monotonic()) for _ in range(4)] == [0.0, 0.0, 0.0, 0.5]
    clock.advance(0.25)
    assert budget.take(clock.monotonic()) == 0.25
    clock.advance(0.25)
    assert [budget.take(clock.monotonic()) for _ in range(2)] == [0.0, 0.5]
    clock.advance(60)
    assert [budget.take(clock.monotonic()) for _ in range(4)] == [0.0, 0.0, 0.0, 0.5]


def test_a_period_of_nothing_is_no_limit() -> None:
    budget = Budget(Rate(period_ms=0, burst=1))
    assert {budget.take(7.0) for _ in range(10_000)} == {0.0}


# --- the table -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [rates.FRAMES, rates.TYPING, rates.HISTORY, rates.ANNOUNCEMENTS, rates.CONVERSATION])
def test_every_rate_of_a_connection_limits(rate: Rate) -> None:
    assert rate.period_ms > 0
    assert rate.burst >= 1


def test_everybody_who_writes_has_a_rate_and_people_are_limited() -> None:
    assert set(rates.MESSAGES) == set(Role)
    assert rates.MESSAGES[Role.VISITOR] == Rate(period_ms=1_000, burst=5)
    assert all(rates.MESSAGES[role].period_ms for role in (Role.VISITOR, Role.AGENT))


def test_a_conversation_takes_what_its_visitor_and_its_agent_may_send_together() -> None:
    """Otherwise the one would be refused for what the other says."""
    per_second = sum(1_000 / rates.MESSAGES[role].period_ms for role in (Role.VISITOR, Role.AGENT))
    assert per_second <= 1_000 / rates.CONVERSATION.period_ms
    assert sum(rates.MESSAGES[role].burst for role in (Role.VISITOR, Role.AGENT)) <= rates.CONVERSATION.burst


# --- whose turn it is -----------------------------------------------------------------------------------------------


def test_those_refused_together_are_told_different_times_at_which_each_fits() -> None:
    budget = FairBudget(Rate(period_ms=200, burst=20))
    waits = [budget.take(100.0) for _ in range(64)]
    assert waits[:20] == [0.0] * 20
    assert waits[20:] == pytest.approx([0.2 * turn for turn in range(1, 45)])
    assert [budget.take(100.0 + wait + ROUNDING_S) for wait in waits[20:]] == [0.0] * 44


def test_after_the_rush_nobody_waits_for_turns_that_are_over() -> None:
    budget = FairBudget(Rate(period_ms=1_000, burst=1))
    assert [budget.take(5.0) for _ in range(4)] == pytest.approx([0.0, 1.0, 2.0, 3.0])
    assert budget.take(60.0) == 0.0
    assert budget.take(60.0) == pytest.approx(1.0)


def test_who_is_refused_without_end_is_not_told_to_wait_without_end() -> None:
    budget = FairBudget(Rate(period_ms=1_000, burst=1))
    assert max(budget.take(5.0) for _ in range(500)) == MOST_S
