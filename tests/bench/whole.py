"""A whole run: every measure, with the systems in turn within each round, so that noise hits all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tests.bench import summary
from tests.bench.about import about, load
from tests.bench.aican.system import Aican
from tests.bench.measures import pairs as measure
from tests.bench.measures.fanout import fanout
from tests.bench.measures.idle import idle
from tests.bench.measures.pairs import System
from tests.bench.measures.storm import storm
from tests.bench.peers.systems import Peer
from tests.bench.scale import Scale
from tests.bench.stores import SharedStores

Figures = dict[str, Any]
Say = Callable[[str], None]

GATEWAYS = 2
PROCESSES = (1, 2)
"""Tried for each system; the better one counts."""
SHOWN_PAIRS = 200
"""The size that the goals speak of."""


def systems(stores: SharedStores, names: Sequence[str]) -> list[System]:
    """The systems of these names, on the same stores."""
    return [Aican(stores) if name == "aican" else Peer(name, stores) for name in names]


def whole(stores: SharedStores, scale: Scale, names: Sequence[str], say: Say) -> Figures:
    """Everything that is measured, as ``build/bench.json`` holds it."""
    everybody = systems(stores, names)
    aican = next(system for system in everybody if isinstance(system, Aican))
    figures: Figures = {**about(), "settings": settings(scale)}
    say(f"{scale.rounds} rounds of pairs: {', '.join(names)}")
    figures["pairs"] = all_pairs(everybody, scale, PROCESSES, say)
    figures["cpu_us_per_message"] = _shown(figures["pairs"])["cpu_us_per_message"]
    with aican.serving(GATEWAYS) as servers:
        say(f"open loop, {scale.open_rate:.0f} messages a second")
        window = scale.open_window
        figures["open_loop"] = measure.open_loop(aican, servers, scale.open_pairs, scale.open_rate, window)
    with aican.serving(1) as servers:
        say(f"{scale.idle} idle connections")
        figures["idle"] = idle(aican, servers, scale.idle, scale.idle_window)
    with aican.serving(GATEWAYS) as servers:
        say(f"one frame to {scale.followers} connections")
        figures["fanout"] = fanout(aican, servers, scale.followers, scale.fanout_window)
    with aican.serving(GATEWAYS) as servers:
        say(f"{scale.storm} connections dropped at once")
        figures["storm"] = storm(aican, servers, scale.storm)
    figures["machine"]["load_after"] = load()
    return figures


def all_pairs(everybody: Sequence[System], scale: Scale, processes: Sequence[int], say: Say) -> Figures:
    """Closed loops of every size, system and number of processes: ``{size: {system: figures}}``."""
    found: dict[tuple[int, str, int], list[Figures]] = {}
    for number in range(scale.rounds):
        for size in scale.pairs:
            for count in processes:
                for system in _in_turn(everybody, number):
                    one = _once(system, count, size, scale)
                    found.setdefault((size, system.name, count), []).append(one)
                    say(f"  round {number + 1}: {size} pairs, {system.name} × {count}: {one['delivered_per_s']:,.0f}/s")
    names = [system.name for system in everybody]
    return {str(size): _compared(found, size, names, processes) for size in scale.pairs}


def _once(system: System, processes: int, size: int, scale: Scale) -> Figures:
    with system.serving(processes) as servers:
        system.furnish(size)
        return measure.closed_loop(system, servers, size, scale.pairs_window)


def _in_turn(everybody: Sequence[System], number: int) -> list[System]:
    """Another one begins each round: nobody always comes after a cold start."""
    first = number % len(everybody)
    return [*everybody[first:], *everybody[:first]]


def _compared(
    found: dict[tuple[int, str, int], list[Figures]], size: int, names: Sequence[str], processes: Sequence[int]
) -> Figures:
    compared: Figures = {}
    chosen: dict[str, list[Figures]] = {}
    for name in names:
        by_processes = {count: summary.together(found[size, name, count]) for count in processes}
        count = summary.best(by_processes)
        chosen[name] = found[size, name, count]
        compared[name] = {"processes": count, **by_processes[count], "by_processes": by_processes}
    for name in names:
        if name != "aican" and "aican" in chosen:
            compared["aican"].setdefault("to", {})[name] = summary.ratios(chosen["aican"], chosen[name])
    return compared


def _shown(pairs: Figures) -> Figures:
    size = str(SHOWN_PAIRS) if str(SHOWN_PAIRS) in pairs else next(iter(pairs))
    return dict(pairs[size]["aican"])


def settings(scale: Scale) -> Figures:
    """How it was measured."""
    return {
        "rounds": scale.rounds,
        "pairs_warm_s": scale.pairs_window.warm_s,
        "pairs_count_s": scale.pairs_window.count_s,
        "text_bytes": 100,
        "write_concern": "w=1, j=true (standalone MongoDB)",
        "visitor_and_agent": "on different processes where there are several",
        "processes_tried": list(PROCESSES),
        "gateways_elsewhere": GATEWAYS,
    }
