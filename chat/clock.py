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

    def now_ms(self) -> int:
        """Unix milliseconds. May jump, also backwards, when the machine's clock is set."""
        ...

    def monotonic(self) -> float:
        """Seconds since some moment of this process's own. Never goes backwards."""
        ...


class SystemClock:
    """The machine's clocks."""

    def now_ms(self) -> int:
        """See ``Clock``; rounded down."""
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        """See ``Clock``; since the machine's start, where the system counts so."""
        return time.monotonic()


def new_id(clock: Clock) -> UUID:
    """A fresh UUIDv7 (RFC 9562 §5.7), in order of milliseconds; of one millisecond in no order. 74 bits are random."""
    return uuid7(clock.now_ms(), secrets.token_bytes(10))


def as_datetime(at_ms: int) -> datetime:
    """Unix milliseconds as an aware UTC time. Raises ValueError or OverflowError outside the years 1 to 9999."""
    return datetime.fromtimestamp(at_ms / 1000, tz=UTC)
