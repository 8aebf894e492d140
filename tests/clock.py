"""Time that only tests move."""

from __future__ import annotations

START_MS = 1_767_225_600_000
"""2026-01-01T00:00:00Z."""


class ManualClock:
    """A ``Clock`` that stands still until it is told to go on."""

    def __init__(self, *, now_ms: int = START_MS, monotonic: float = 1_000.0) -> None:
        self._now_ms = now_ms
        self._monotonic = monotonic

    def now_ms(self) -> int:
        return self._now_ms

    def monotonic(self) -> float:
        return self._monotonic

    def advance(self, seconds: float) -> None:
        """Let this much time pass on both clocks."""
        self._now_ms += round(seconds * 1000)
        self._monotonic += seconds
