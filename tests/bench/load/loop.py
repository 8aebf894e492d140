"""The generator's event loop: epoll and a heap of timers. Bare, so that the generator is not what is measured."""

from __future__ import annotations

import heapq
import itertools
import select
from collections.abc import Callable
from time import monotonic

from tests.bench.load.line import Line

_EVENTS = 1024
_FINE_S = 0.004
"""``epoll_wait`` rounds up to whole milliseconds; nearer timers are waited for with ``select``, which does not."""
_LONGEST_S = 0.1
"""How late ``until`` may be noticed while nothing happens."""


class Loop:
    """Runs lines and timers in one thread, inside ``run``."""

    def __init__(self) -> None:
        self._epoll = select.epoll()
        self._lines: dict[int, Line] = {}
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()

    def add(self, line: Line) -> None:
        """A connecting line: it can be written once the connection stands."""
        self._lines[line.fd] = line
        self._epoll.register(line.fd, select.EPOLLIN | select.EPOLLOUT)

    def change(self, line: Line, events: int) -> None:
        """Which events a line waits for."""
        self._epoll.modify(line.fd, events)

    def remove(self, line: Line) -> None:
        """The line is about to be closed."""
        if self._lines.pop(line.fd, None) is not None:
            self._epoll.unregister(line.fd)

    @staticmethod
    def now() -> float:
        """Monotonic seconds."""
        return monotonic()

    def at(self, when: float, action: Callable[[], None]) -> None:
        """Call ``action`` at ``when``, monotonic seconds; soon, when that is over."""
        heapq.heappush(self._timers, (when, next(self._order), action))

    def run(self, *, seconds: float, until: Callable[[], bool] | None = None) -> bool:
        """Turn for ``seconds``, or until ``until()`` holds after a turn. Whether it held; True when none was given."""
        deadline = monotonic() + seconds
        while (now := monotonic()) < deadline:
            self._turn(deadline, now)
            if until is not None and until():
                return True
        return until is None

    def _turn(self, deadline: float, now: float) -> None:
        timers = self._timers
        while timers and timers[0][0] <= now:
            heapq.heappop(timers)[2]()
        due = min(deadline, timers[0][0]) if timers else deadline
        wait = max(0.0, min(due - monotonic(), _LONGEST_S))
        if 0.0 < wait < _FINE_S:
            select.select([self._epoll], [], [], wait)
            wait = 0.0
        lines = self._lines
        for fd, events in self._epoll.poll(wait, _EVENTS):
            line = lines.get(fd)
            if line is not None:  # else an earlier event of this turn ended it
                line.ready(events)
