"""An independent model of a budget: the continuous-state leaky bucket of ITU-T I.371, annex A.

It admits exactly what the virtual scheduling form admits, but keeps a level instead of an arrival time.
"""

from __future__ import annotations

import math
from fractions import Fraction

from chat.ports import Rate


class Meter:
    """Drains one millisecond of level each millisecond; a message pours in a period."""

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._level = Fraction(0)
        self._at = Fraction(0)

    def wait_ms(self, now_ms: float) -> int:
        """Whole milliseconds until one more fits, 0 for now."""
        if self._rate.period_ms == 0:
            return 0
        room = self._rate.period_ms * (self._rate.burst - 1)
        return max(0, math.ceil(self._drained(now_ms) - room))

    def pour(self, now_ms: float) -> None:
        self._level, self._at = self._drained(now_ms) + self._rate.period_ms, _exact(now_ms)

    def _drained(self, now_ms: float) -> Fraction:
        return max(Fraction(0), self._level - (_exact(now_ms) - self._at))


def _exact(ms: float) -> Fraction:
    """Milliseconds as the scripts see them: whole microseconds."""
    return Fraction(round(ms * 1000), 1000)
