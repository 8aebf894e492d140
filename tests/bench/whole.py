"""A whole run: every measure, one after the other, as ``build/bench.json`` holds it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tests.bench.about import about, load
from tests.bench.aican.system import Aican
from tests.bench.children import Child
from tests.bench.comparison import Figures, Say, compare
from tests.bench.errors import BenchError
from tests.bench.measures.fanout import fanout
from tests.bench.measures.idle import idle
from tests.bench.measures.pairs import System, open_loop
from tests.bench.measures.storm import storm
from tests.bench.peers.systems import Peer
from tests.bench.scale import Scale
from tests.bench.stores import SharedStores

GATEWAYS = 2
PROCESSES = (1, 2)
"""Tried for each system; the better one counts."""
GOAL_PAIRS = "200"
"""The size that the goals speak of."""


def systems(stores: SharedStores, names: Sequence[str]) -> list[System]:
    """The systems of these names, on the same stores."""
    return [Aican(stores) if name == "aican" else Peer(name, stores) for name in names]


def whole(stores: SharedStores, scale: Scale, names: Sequence[str], say: Say) -> Figures:
    """Everything that is measured. A measure that means nothing has no figures and stands in ``failures``."""
    everybody = systems(stores, names)
    (aican,) = (system for system in everybody if isinstance(system, Aican))
    figures: Figures = {**about(), "settings": settings(scale)}
    say(f"{scale.rounds} rounds of pairs: {', '.join(names)}")
    figures["pairs"], figures["failures"] = compare(everybody, scale, PROCESSES, say)
    figures["cpu_us_per_message"] = figures["pairs"].get(GOAL_PAIRS, {}).get("aican", {}).get("cpu_us_per_message", {})

    def take(name: str, gateways: int, run: Callable[[Sequence[Child]], Figures]) -> None:
        say(name.replace("_", " "))
        try:
            with aican.serving(gateways) as servers:
                figures[name] = run(servers)
        except BenchError as error:
            figures["failures"].append(f"{name}: {error}")

    rate, window = scale.open_rate, scale.open_window
    take("open_loop", GATEWAYS, lambda servers: open_loop(aican, servers, scale.open_pairs, rate, window))
    take("idle", 1, lambda servers: idle(aican, servers, scale.idle, scale.idle_window))
    take("fanout", GATEWAYS, lambda servers: fanout(aican, servers, scale.followers, scale.fanout_window))
    take("storm", GATEWAYS, lambda servers: storm(aican, servers, scale.storm))
    figures["machine"]["load_after"] = load()
    return figures


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
        "gateways": {"open_loop": GATEWAYS, "idle": 1, "fanout": GATEWAYS, "storm": GATEWAYS},
    }
