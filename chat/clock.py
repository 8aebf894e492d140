"""Time as an argument: rules never look at a clock of their own."""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime
from typing import Protocol
from uuid import UUID

from chat.ids import uuid7


class Clock(Protocol):
    """``now_ms`` is Unix time in milliseconds, for records; ``monotonic`` is seconds, for waits and deadlines."""

    def now_ms(self) -> int: ...

    def monotonic(self) -> float: ...


class SystemClock:
    """The machine's clocks."""

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        return time.monotonic()


def new_id(clock: Clock) -> UUID:
    """A fresh time-ordered identifier."""
    return uuid7(clock.now_ms(), secrets.token_bytes(10))


def as_datetime(at_ms: int) -> datetime:
    """Unix milliseconds as an aware UTC time."""
    return datetime.fromtimestamp(at_ms / 1000, tz=UTC)
