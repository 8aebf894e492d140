"""Systems side by side: closed loops in turn within each round, so that noise hits all of them alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.bench import summary
from tests.bench.errors import BenchError
from tests.bench.measures.pairs import System, closed_loop
from tests.bench.scale import Scale

Figures = dict[str, Any]
Say = Callable[[str], None]
Rounds = dict[int, Figures]
"""Figures by round; a round that failed is missing."""


@dataclass
class Found:
    """What all rounds gave, and what went wrong."""

    rounds: dict[tuple[int, str, int], Rounds] = field(default_factory=dict)
    """By pairs, system and number of processes."""
    failures: list[str] = field(default_factory=list)

    def of(self, size: int, name: str, processes: Sequence[int]) -> dict[int, Rounds]:
        """A system's rounds by number of processes, as far as there are any."""
        found = {count: self.rounds.get((size, name, count), {}) for count in processes}
        return {count: rounds for count, rounds in found.items() if rounds}


def compare(everybody: Sequence[System], scale: Scale, processes: Sequence[int], say: Say) -> tuple[Figures, list[str]]:
    """Closed loops of every size, system and number of processes: ``{size: {system: figures}}``, and what failed."""
    found = Found()
    for number in range(scale.rounds):
        for size in scale.pairs:
            for count in processes:
                for system in _in_turn(everybody, number):
                    _one(found, number, system, count, size, scale, say)
    names = [system.name for system in everybody]
    return {str(size): side_by_side(found, size, names, processes) for size in scale.pairs}, found.failures


def _one(found: Found, number: int, system: System, processes: int, size: int, scale: Scale, say: Say) -> None:
    what = f"round {number + 1}: {size} pairs, {system.name} × {processes}"
    try:
        with system.serving(processes) as servers:
            system.furnish(size)
            figures = closed_loop(system, servers, size, scale.pairs_window)
    except BenchError as error:
        found.failures.append(f"{what}: {error}")
        say(f"  {what} FAILED: {error}")
        return
    found.rounds.setdefault((size, system.name, processes), {})[number] = figures
    say(f"  {what}: {figures['delivered_per_s']:,.0f}/s")


def _in_turn(everybody: Sequence[System], number: int) -> list[System]:
    """Another one begins each round: nobody always comes after a cold start."""
    first = number % len(everybody)
    return [*everybody[first:], *everybody[:first]]


def side_by_side(found: Found, size: int, names: Sequence[str], processes: Sequence[int]) -> Figures:
    """Each system with its better number of processes, and how often ours is theirs, round by round."""
    compared: Figures = {}
    chosen: dict[str, Rounds] = {}
    for name in names:
        tried = found.of(size, name, processes)
        if not tried:
            continue
        by_processes = {count: summary.together(list(rounds.values())) for count, rounds in tried.items()}
        count = summary.best(by_processes)
        chosen[name] = tried[count]
        compared[name] = {"processes": count, **by_processes[count], "by_processes": by_processes}
    for name in chosen.keys() - {"aican"}:
        both = chosen.get("aican", {}).keys() & chosen[name].keys()
        if both:
            own, other = ([chosen[who][number] for number in sorted(both)] for who in ("aican", name))
            compared["aican"].setdefault("to", {})[name] = summary.ratios(own, other)
    return compared
