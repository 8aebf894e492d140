"""How figures are put together."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from time import process_time

from tests.bench import cpu, stages, summary
from tests.bench.comparison import Found, side_by_side
from tests.bench.percentiles import at
from tests.bench.table import aligned, lines

FEED = "Feed._show (gateway/socket/feed.py:284)"


def test_percentiles_are_values_that_were_measured() -> None:
    seconds = [number / 1000 for number in range(1, 101)]
    assert (at(seconds, 50), at(seconds, 99), at(seconds, 100)) == (50.0, 99.0, 100.0)
    assert at([0.004], 99) == 4.0


def test_rounds_become_medians_with_their_spread() -> None:
    rounds = [{"p50_ms": value, "cores": {"redis": value / 10}} for value in (3.0, 1.0, 8.0)]
    assert summary.together(rounds) == {"p50_ms": 3.0, "cores": {"redis": 0.3}, "spread": {"p50_ms": [1.0, 3.0, 8.0]}}


def test_ratios_are_made_within_a_round_so_that_a_slow_minute_hits_both() -> None:
    ours = [{"delivered_per_s": 800.0, "p99_ms": 10.0}, {"delivered_per_s": 80.0, "p99_ms": 100.0}]
    theirs = [{"delivered_per_s": 200.0, "p99_ms": 40.0}, {"delivered_per_s": 20.0, "p99_ms": 400.0}]
    assert summary.ratios(ours, theirs) == {"delivered": [4.0, 4.0, 4.0], "p99": [0.25, 0.25, 0.25]}


def test_each_system_counts_with_its_better_number_of_processes() -> None:
    compared = side_by_side(
        found({("aican", 1): [100], ("aican", 2): [300], ("socketio", 1): [60], ("socketio", 2): [50]}),
        200,
        ["aican", "socketio"],
        (1, 2),
    )
    assert (compared["aican"]["processes"], compared["socketio"]["processes"]) == (2, 1)
    assert compared["aican"]["to"]["socketio"]["delivered"] == [5.0, 5.0, 5.0]
    assert compared["aican"]["by_processes"][1]["delivered_per_s"] == 100


def test_a_round_that_failed_is_compared_with_nothing() -> None:
    compared = side_by_side(
        found({("aican", 1): [100, None, 900], ("socketio", 1): [50, 60, 300]}),
        200,
        ["aican", "socketio", "gone"],
        (1,),
    )
    assert compared["aican"]["to"]["socketio"]["delivered"] == [2.0, 2.5, 3.0]
    assert "gone" not in compared


def found(delivered: dict[tuple[str, int], list[float | None]]) -> Found:
    """What rounds of 200 pairs gave; None: one failed."""
    rounds = {
        (200, name, processes): {
            number: {"delivered_per_s": value, "p99_ms": 1.0} for number, value in enumerate(values) if value
        }
        for (name, processes), values in delivered.items()
    }
    return Found(rounds)


def test_a_stack_belongs_to_its_innermost_known_stage() -> None:
    root = "Runner.run (asyncio/runners.py:118)"
    assert stages.stage([root, FEED, "Outlet.write (gateway/socket/outlet.py:65)"]) == "write to sockets"
    assert stages.stage([root, FEED, "<genexpr> (json/encoder.py:3)"]) == "put in order and show"
    assert stages.stage([root]) == stages.LOOP
    assert stages.stage(["<module> (somewhere/else.py:1)"]) == stages.OTHER


def test_threads_are_counted_apart() -> None:
    folded = [f"Thread._bootstrap (threading.py:1002);{FEED} 3", f"run (uvloop/__init__.py:92);{FEED} 4"]
    assert stages.by_stage(folded) == Counter({stages.THREADS: 3, "put in order and show": 4})


def test_cpu_without_the_lock_is_told_and_samples_never_exceed_the_cpu() -> None:
    samples = Counter({"seal": 300, "store": 100})
    calm = dict(stages.microseconds(samples, rate=100, cpu_s=5.0, units=1_000_000))
    assert calm == {"seal": 3.0, "store": 1.0, stages.UNLOCKED: 1.0}
    busy = dict(stages.microseconds(samples, rate=100, cpu_s=2.0, units=1_000_000))
    assert busy == {"seal": 1.5, "store": 0.5, stages.UNLOCKED: 0.0}


def test_the_kernel_books_what_a_process_and_its_children_take() -> None:
    before = cpu.seconds([os.getpid()])
    end = process_time() + 0.1
    while process_time() < end:
        pass
    assert cpu.seconds([os.getpid()]) - before >= 0.05
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        assert child.pid in cpu.family(os.getpid())
        assert cpu.pss_kib([child.pid]) > 0
        child.terminate()


def test_columns_are_as_wide_as_their_widest_cell() -> None:
    assert list(aligned([("name", "µs"), ("a", "1"), ("longer", "200")])) == [
        "name     µs",
        "a         1",
        "longer  200",
    ]


def test_the_whole_run_is_told_with_its_goals_and_failures() -> None:
    one = {"processes": 2, "delivered_per_s": 1.0, "p50_ms": 1.0, "p99_ms": 2.0, "cpu_us_per_message": {"servers": 3.0}}
    one["spread"] = {"delivered_per_s": [1.0, 1.0, 1.0]}
    figures = {
        "pairs": {"200": {"aican": one}},
        "cpu_us_per_message": {"servers": 3.0},
        "idle": {"connections": 10_000, "kib_per_connection": 7.5, "cpu_us_per_s": 1.5},
        "failures": ["storm: 3 of 1000 are still away"],
    }
    told = list(lines(figures))
    assert (
        "Idle, 10,000 connections: 7.5 KiB, 1.5 µs CPU a second each  (goal: ≤ 8 KiB each, ≤ 2 µs CPU a second each)"
        in told
    )
    assert told[-1] == "FAILED storm: 3 of 1000 are still away"
