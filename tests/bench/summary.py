"""Figures of several rounds put together: medians with their spread, and ratios made within each round."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

Figures = dict[str, Any]


def together(rounds: Sequence[Figures]) -> Figures:
    """The median of every number, and under ``spread`` the smallest, the median and the largest of each."""
    return {**_medians(rounds), "spread": spread(rounds)}


def spread(rounds: Sequence[Figures]) -> dict[str, list[float]]:
    """Smallest, median and largest of every plain number."""
    names = [name for name, value in rounds[0].items() if isinstance(value, int | float)]
    return {name: _three([one[name] for one in rounds]) for name in names}


def best(by_processes: Mapping[int, Figures]) -> int:
    """The number of processes that delivers most."""
    return max(by_processes, key=lambda processes: by_processes[processes]["delivered_per_s"])


def ratios(own: Sequence[Figures], other: Sequence[Figures]) -> Figures:
    """Ours to theirs, round by round: how much more is delivered, and what part of their p99 ours is."""
    pairs = list(zip(own, other, strict=True))
    return {
        "delivered": _three([a["delivered_per_s"] / b["delivered_per_s"] for a, b in pairs]),
        "p99": _three([a["p99_ms"] / b["p99_ms"] for a, b in pairs]),
    }


def _medians(rounds: Sequence[Figures]) -> Figures:
    found: Figures = {}
    for name, value in rounds[0].items():
        values = [one[name] for one in rounds]
        if isinstance(value, dict):
            found[name] = _medians(values)
        elif isinstance(value, int | float):
            found[name] = round(median(values), 2)
        else:
            found[name] = value
    return found


def _three(values: Sequence[float]) -> list[float]:
    return [round(min(values), 2), round(median(values), 2), round(max(values), 2)]
