"""Judges what no comparison of records shows: whether all came right in time, and who had to come back for it.

Pure, like ``checker``; the bounds are those of ``bounds``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from tests.chaos.bounds import NOISE_S, NOISY, Schedule, back_within, ends_within, found_within, late_within
from tests.chaos.checker import Violation
from tests.chaos.history import History
from tests.chaos.pace import Pace

SLOW = "slow"
"""Noticed, or right again, later than it has to be."""
RESTLESS = "restless"
"""Somebody had to come back, or to ask again, though no fault gave a reason."""


class Figures(Protocol):
    """What was counted and measured in a run."""

    recovery_s: float
    late_s: float
    catch_ups: int
    reconnects: int
    ends: dict[str, int]
    people: int


def judged(
    figures: Figures, schedule: Schedule, history: History, pace: Pace, *, noise_s: float = NOISE_S
) -> list[Violation]:
    """Every bound that was broken. To bounds in seconds comes ``noise_s``."""
    return [
        *_times(figures, schedule, pace, noise_s),
        *_noticed(history, pace, noise_s),
        *_rest(figures, schedule),
    ]


def _times(figures: Figures, schedule: Schedule, pace: Pace, noise_s: float) -> Iterator[Violation]:
    within = back_within(schedule, pace) + noise_s
    if figures.recovery_s > within:
        yield Violation(SLOW, f"up to date {figures.recovery_s:.1f} s after the last fault, not within {within:.1f} s")
    late = late_within(schedule)
    if late is not None and figures.late_s > late + noise_s:
        yield Violation(SLOW, f"shown {figures.late_s:.1f} s after it was accepted, not within {late + noise_s:.1f} s")


def _noticed(history: History, pace: Pace, noise_s: float) -> Iterator[Violation]:
    for what, where, took_s in history.noticed:
        if took_s > (within := found_within(what, pace) + noise_s):
            yield Violation(SLOW, f"{what} was not noticed within {within:.1f} s at {where}: {took_s:.1f} s")


def _rest(figures: Figures, schedule: Schedule) -> Iterator[Violation]:
    if figures.catch_ups:
        yield Violation(RESTLESS, f"clients were left to find {figures.catch_ups} gaps by themselves")
    codes = ends_within(schedule)
    if codes is None:
        return
    for code, count in figures.ends.items():
        if code not in codes and (code not in NOISY or count > figures.people):
            yield Violation(RESTLESS, f"{count} connections ended for no reason: {code}")
    if not codes and figures.reconnects > figures.people:
        yield Violation(RESTLESS, f"{figures.people} people reconnected {figures.reconnects} times for no reason")
