"""One timing wheel for all connections, instead of a timer for each or a look at every one each second.

Hashed timing wheel (Varghese and Lauck, SOSP 1987, scheme 6), with buckets made when something falls into them.
"""

from __future__ import annotations

import math
from typing import Generic, Protocol, TypeVar

TICK_S = 0.25
"""How late something may be looked at."""


class Spoke(Protocol):
    """What can be put on a wheel, by identity."""

    spoke: int
    """The tick at which it is looked at; kept by the wheel. 0: not on it."""


On = TypeVar("On", bound=Spoke)


class Wheel(Generic[On]):
    """What is to be looked at, by when. Putting, moving and removing cost the same however many are on it."""

    def __init__(self, now: float) -> None:
        self._turned = math.floor(now / TICK_S)
        self._buckets: dict[int, set[On]] = {}

    def put(self, item: On, due: float) -> None:
        """Have it looked at once ``due`` (monotonic seconds) is over; instead of when it was to be before."""
        self.remove(item)
        item.spoke = max(math.ceil(due / TICK_S), self._turned + 1)
        self._buckets.setdefault(item.spoke, set()).add(item)

    def remove(self, item: On) -> None:
        """Take it off, if it is on."""
        bucket = self._buckets.get(item.spoke)
        if bucket is not None:
            bucket.discard(item)
        item.spoke = 0

    def turn(self, now: float) -> list[On]:
        """Take off everything that is due at ``now``, the earliest first."""
        until = math.floor(now / TICK_S)
        due: list[On] = []
        for tick in sorted(tick for tick in self._buckets if tick <= until):
            due += self._buckets.pop(tick)
        self._turned = max(self._turned, until)
        for item in due:
            item.spoke = 0
        return due
