"""The generic cell rate algorithm (ITU-T I.371, annex A.2): a budget in one number, the theoretical arrival time."""

from __future__ import annotations

from functools import cache

from chat.ports import Rate

MOST_S = 30.0
"""Who was refused very often is not told to wait for all of that."""
ROUNDING_S = 1e-6
"""Periods such as 50 ms are not exact in binary; without this the last of a burst may be refused for nothing."""


class Budget:
    """One budget in this process, full at first. Spending costs no trip and no allocation.

    A period of 0 never refuses. Budgets that processes share are counted by the same rule, see ``Budgets``.
    """

    __slots__ = ("_arrival", "_pace")

    def __init__(self, rate: Rate) -> None:
        self._pace = _pace(rate)
        self._arrival = 0.0

    def take(self, now: float) -> float:
        """Spend one at ``now`` (monotonic seconds). 0.0, or after how many seconds one fits: then nothing is spent."""
        period, tolerance = self._pace
        arrival = max(self._arrival, now)
        early = arrival - tolerance - now
        if early > ROUNDING_S:
            return early
        self._arrival = arrival + period
        return 0.0


class FairBudget(Budget):
    """A budget whose refusals name different times, a period apart: those refused together do not come back together,
    only to be refused again but for one of them. No time is further off than ``MOST_S``."""

    __slots__ = ("_promised",)

    def __init__(self, rate: Rate) -> None:
        super().__init__(rate)
        self._promised = 0.0

    def take(self, now: float) -> float:
        """As ``Budget.take``; where nothing is spent, after how many seconds this caller's turn comes."""
        early = super().take(now)
        if early:
            period, _ = self._pace
            self._promised = min(max(self._promised + period, now + early), now + max(early, MOST_S))
            return self._promised - now
        return 0.0


@cache
def _pace(rate: Rate) -> tuple[float, float]:
    """Period and tolerance in seconds; one for all budgets of this rate, as every connection has half a dozen."""
    period = rate.period_ms / 1000
    return period, period * (rate.burst - 1)
