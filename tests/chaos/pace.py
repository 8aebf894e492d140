"""How fast time runs in a run: people's own pace, or one at which faults that take 20 s to notice take 3.

The constants are the product's own, changed before anything uses them; what they mean stays the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds."""

    heartbeat_s: float
    server_silence_s: float
    """What the server forgives a client."""
    client_silence_s: float
    answer_s: float
    """How long a client waits for an answer before it sends a post again."""
    longest_wait_s: float
    """Between a client's tries to connect."""


REAL = Pace(heartbeat_s=15.0, server_silence_s=22.0, client_silence_s=20.0, answer_s=15.0, longest_wait_s=20.0)
QUICK = Pace(heartbeat_s=1.5, server_silence_s=2.25, client_silence_s=2.5, answer_s=3.0, longest_wait_s=1.5)
PACES = {"real": REAL, "quick": QUICK}


def hurry_gateway(pace: Pace) -> None:
    """Set the server's constants. Call it before anything imports the modules that use them."""
    from chat.protocol import session

    session.HEARTBEAT_MS = int(pace.heartbeat_s * 1000)
    session.SILENCE_S = pace.server_silence_s


@contextmanager
def hurried_clients(pace: Pace) -> Iterator[None]:
    """The clients of this process keep this pace within the block."""
    from gateway.client import client, line

    before = line.SILENCE_S, line.LONGEST_WAIT_S, client.ANSWER_S
    line.SILENCE_S, line.LONGEST_WAIT_S, client.ANSWER_S = pace.client_silence_s, pace.longest_wait_s, pace.answer_s
    try:
        yield
    finally:
        line.SILENCE_S, line.LONGEST_WAIT_S, client.ANSWER_S = before
