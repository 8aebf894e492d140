"""The generic cell rate algorithm (ITU-T I.371, annex A.2): a budget in one number, the theoretical arrival time."""

from __future__ import annotations

from functools import cache

from chat.ports import Rate

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


@cache
def _pace(rate: Rate) -> tuple[float, float]:
    """Period and tolerance in seconds; one for all budgets of this rate, as every connection has half a dozen."""
    period = rate.period_ms / 1000
    return period, period * (rate.burst - 1)
