"""How soon everybody is up to date after each kind of fault, how soon a loss is noticed, and who may reconnect at all.

The figures follow from what the product waits for, given with each. To each comes what a machine with two cores adds
that other work shares (``noise_s``).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

from gateway.socket.connection import CLOSE_S, HANDSHAKE_S
from gateway.socket.wheel import TICK_S
from tests.chaos import failovers, faults
from tests.chaos.faults import Fault
from tests.chaos.history import DEAD_CLIENT, DEAD_SERVER, MUTE
from tests.chaos.pace import Pace

NOISE_S = 2.0
"""For processes that wait for their turn, as long as no more than two want each core."""
_DIAL_S = 5.0
"""What a client waits for a handshake."""
_CALL_S = 2.0
"""What a gateway waits for a store, and what the refused sender waits at most before it sends again."""
_CHECK_S = 2.0
"""A number that was given before the last position check and is not here is read: one second to the first check, one
to the next."""
_VOID_S = 2.0
"""A number that nobody used is closed after a second and a half."""
_SUBSCRIBED_S = 3.0
"""Two beats that are not heard, and the subscription is made anew."""
_RESTART_S = 5.0
"""A parent starts its process again after 1 s, later if it dies at once; a process takes two to start."""
_READ_S = 1.0
"""A read of the record, a snapshot, a round of posts."""


class Bound(NamedTuple):
    """From the end of such a fault until everybody was shown something that was said after it."""

    back_s: Callable[[Pace], float]
    why: str
    late_s: float | None = None
    """What is said meanwhile is shown so soon after it was accepted. None: not before the fault is over."""


TABLE: dict[str, Bound] = {
    "nothing": Bound(lambda _: _READ_S, "there is nothing to wait for", late_s=_READ_S),
    "mute": Bound(lambda _: _SUBSCRIBED_S + _READ_S, "position check, and a new subscription", late_s=_SUBSCRIBED_S),
    "subscribers lost": Bound(lambda _: _CHECK_S + _READ_S, "position check", late_s=_SUBSCRIBED_S),
    "line lost": Bound(lambda pace: pace.longest_wait_s + _READ_S, "the client's wait before it dials"),
    "line silent": Bound(
        lambda pace: max(pace.client_silence_s, _DIAL_S) + pace.longest_wait_s + _READ_S,
        "the client's patience with a silent server, or with a handshake, and its wait before it dials",
    ),
    "gateway away": Bound(lambda pace: pace.longest_wait_s + _VOID_S + _READ_S, "as a lost line, and voids"),
    "gateway replaced": Bound(lambda pace: pace.longest_wait_s + _VOID_S + _READ_S, "as one that is away"),
    "process killed": Bound(
        lambda pace: _RESTART_S + pace.longest_wait_s + _VOID_S + _READ_S, "its parent's pause, and its start"
    ),
    "gateway frozen": Bound(
        lambda pace: max(pace.client_silence_s, _DIAL_S) + pace.longest_wait_s + _READ_S, "as a silent line"
    ),
    "store lost": Bound(
        lambda _: _CALL_S + _CHECK_S + _VOID_S, "a refused sender's wait, the position check, and voids"
    ),
    "store silent": Bound(
        lambda pace: 2 * _CALL_S + _CHECK_S + _VOID_S,
        "two calls given up one after the other, the position check, and voids",
    ),
    "memory lost": Bound(lambda pace: pace.longest_wait_s + _CHECK_S + _VOID_S, "agents sign in anew; voids"),
    "numbers wasted": Bound(lambda _: _CHECK_S + _VOID_S, "position check, and voids"),
    "clock": Bound(lambda _: _CHECK_S + _VOID_S, "budgets and ids that jumped"),
    "crowd": Bound(lambda pace: pace.longest_wait_s + _READ_S, "as a lost line"),
}
"""Quick: see ``pace``; a clock that jumps jumps back within the fault."""


def kinds(fault: Fault) -> list[str]:
    """The rows of the table that a fault belongs to."""
    match fault:
        case faults.AtOnce():
            return [kind for each in fault.faults for kind in kinds(each)]
        case failovers.AtEnds():
            return kinds(fault.fault)
        case faults.Windy(weather=weather) if weather.mute:
            return ["mute"]
        case faults.Windy(weather=weather):
            is_silent = weather.stalled or weather.swallowing or weather.bytes_per_s
            return [_of(fault.link, "silent" if is_silent else "lost")]
        case faults.HalfOpen():
            return [_of(fault.link, "silent")]
        case faults.Cut():
            return [_of(fault.link, "lost")]
        case faults.Frozen():
            return ["gateway frozen" if fault.what == "gateway" else "store silent"]
        case faults.ChildKilled():
            return ["process killed"]
        case faults.FailedOver():
            return ["memory lost", "store silent"]
        case faults.Killed(what="web" | "jobs"):
            return ["nothing"]
        case faults.Killed():
            return ["gateway away" if fault.what == "gateway" else "store lost"]
        case faults.Stopped():
            return ["gateway replaced" if fault.what == "gateway" else "store lost"]
        case faults.Told():
            return [next((kind for words, kind in _TOLD.items() if fault.command.startswith(words)), "store silent")]
        case failovers.Rewound() | failovers.RewoundAtEnds() | faults.KilledAndEmptied():
            return ["memory lost", "store lost"]
        case faults.NumbersWasted():
            return ["numbers wasted"]
        case faults.ClockStep() | faults.RedisClockStep():
            return ["clock"]
        case faults.Crowd():
            return ["crowd"]
        case _:
            return ["nothing"]


_TOLD = {
    "CLIENT KILL TYPE pubsub": "subscribers lost",
    "CLIENT KILL TYPE normal": "store lost",
    "FLUSHALL": "memory lost",
    "SCRIPT FLUSH": "nothing",
}
_ENDING: dict[str, frozenset[str] | None] = {
    "line lost": None,
    "line silent": None,
    "gateway away": None,
    "process killed": None,
    "gateway frozen": None,
    "crowd": None,
    "gateway replaced": frozenset({"4000"}),
    "memory lost": frozenset({"4401"}),
}
"""Kinds that end connections, and the codes with which they do; None: in any way."""
NOISY = frozenset({"silence", "4001", "4008"})
"""Ends that a machine can cause which stands still for longer than a heartbeat may be late."""

Schedule: TypeAlias = Sequence[Fault]


def noise_s() -> float:
    """What this machine adds now: more, in proportion, when more want its cores."""
    return NOISE_S * max(1.0, os.getloadavg()[0] / (2 * (os.cpu_count() or 1)))


def back_within(schedule: Schedule, pace: Pace) -> float:
    """The bound for a schedule, without noise: that of its slowest fault."""
    return max(row.back_s(pace) for row in _rows(schedule))


def late_within(schedule: Schedule) -> float | None:
    """How late after its acceptance anything may be shown at all; None where a fault holds up what is said."""
    late = [row.late_s for row in _rows(schedule)]
    return max(each or 0.0 for each in late) if None not in late else None


def ends_within(schedule: Schedule) -> frozenset[str] | None:
    """The codes with which connections may end; None where faults end them in any way."""
    codes: set[str] = set()
    for kind in _kinds(schedule):
        if (more := _ENDING.get(kind, frozenset())) is None:
            return None
        codes |= more
    return frozenset(codes)


def found_within(what: str, pace: Pace) -> float:
    """How soon a loss is noticed that nobody tells of, without noise."""
    return {
        MUTE: _SUBSCRIBED_S,
        DEAD_SERVER: pace.client_silence_s,
        # A connection is looked at for the first time when its handshake is due.
        DEAD_CLIENT: max(pace.server_silence_s, HANDSHAKE_S) + TICK_S + CLOSE_S,
    }[what]


def _rows(schedule: Schedule) -> list[Bound]:
    return [TABLE[kind] for kind in _kinds(schedule)] or [TABLE["nothing"]]


def _kinds(schedule: Schedule) -> list[str]:
    return [kind for fault in schedule for kind in kinds(fault)]


def _of(link: str, what: str) -> str:
    return f"line {what}" if link in ("front", "balancer") else f"store {what}"
