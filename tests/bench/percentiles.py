"""Percentiles of everything that was measured: nothing is put into buckets, so nothing is rounded."""

from __future__ import annotations

import math
from collections.abc import Sequence


def at(ordered: Sequence[float], percent: float) -> float:
    """The nearest-rank percentile of seconds in ascending order, in milliseconds."""
    rank = max(1, math.ceil(len(ordered) * percent / 100))
    return round(ordered[rank - 1] * 1000, 2)
