"""How large a run is: the real one, a quick one for tuning, and the smallest, which only shows that it works."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tests.bench.measures.pairs import Window


@dataclass(frozen=True, slots=True)
class Scale:
    """Sizes and times of every measure."""

    rounds: int
    """Each compares all systems once; ratios are made within a round."""
    pairs: tuple[int, ...]
    pairs_window: Window
    open_pairs: int
    open_rate: float
    open_window: Window
    idle: int
    idle_window: Window
    followers: int
    fanout_window: Window
    storm: int


FULL = Scale(
    rounds=3,
    pairs=(20, 200, 1000),
    pairs_window=Window(2, 8),
    open_pairs=200,
    open_rate=1_000,
    open_window=Window(3, 30),
    idle=10_000,
    idle_window=Window(20, 60),
    followers=1_000,
    fanout_window=Window(1, 10),
    storm=10_000,
)
QUICK = replace(
    FULL,
    rounds=1,
    pairs=(200,),
    pairs_window=Window(1, 3),
    open_window=Window(1, 5),
    idle=1_000,
    idle_window=Window(2, 8),
    followers=200,
    fanout_window=Window(0.5, 2),
    storm=1_000,
)
SMALLEST = Scale(
    rounds=1,
    pairs=(8,),
    pairs_window=Window(0.2, 1),
    open_pairs=8,
    open_rate=100,
    open_window=Window(0.2, 1),
    idle=20,
    idle_window=Window(0.2, 0.5),
    followers=20,
    fanout_window=Window(0.1, 0.3),
    storm=40,
)
