"""``python -m tests.bench``: the whole run. ``python -m tests.bench pairs --help``: one measure, for tuning."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click

from chat.errors import OperatorError
from tests.bench import table, whole
from tests.bench.aican.system import Aican
from tests.bench.comparison import compare
from tests.bench.errors import BenchError
from tests.bench.limits import allow_connections
from tests.bench.measures import pairs as measure
from tests.bench.measures.fanout import fanout
from tests.bench.measures.idle import idle
from tests.bench.measures.pairs import Window
from tests.bench.measures.profile import Sampler
from tests.bench.measures.storm import storm
from tests.bench.peers.install import ROOT, install
from tests.bench.scale import FULL, QUICK
from tests.bench.stores import SharedStores, shared_stores

REPORT = ROOT / "build" / "bench.json"
NAMES = ("aican", "socketio", "python_socketio")
_WARM_S = 1.0
_CONNECTIONS = 12_000

_seconds = click.option("--seconds", default=5.0, show_default=True, help="How long to count.")
_processes = click.option("--processes", default=2, show_default=True, help="Server processes.")


@click.group(invoke_without_command=True)
@click.option("--quick", is_flag=True, help="About a minute and a half; for tuning, not for publishing.")
@click.option("--output", type=click.Path(path_type=Path), default=REPORT, help="Where the figures go, as JSON.")
@click.pass_context
def main(context: click.Context, quick: bool, output: Path) -> None:
    """Measure Aican beside its peers on this machine; without a command, everything."""
    if context.invoked_subcommand is None:
        with _stores() as stores:
            install(_say)
            figures = whole.whole(stores, QUICK if quick else FULL, NAMES, _say)
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(json.dumps(figures, indent=2) + "\n")
        click.echo("")
        for line in table.lines(figures):
            click.echo(line)
        click.echo(f"All figures: {output}")
        if figures["failures"]:
            sys.exit(1)


@main.command()
@click.option("--pairs", "size", default=200, show_default=True)
@click.option("--systems", default="aican", show_default=True, help="Names, separated by commas.")
@click.option("--processes", default="2", show_default=True, help="Numbers to try, separated by commas.")
@click.option("--rounds", default=1, show_default=True)
@_seconds
def pairs(size: int, systems: str, processes: str, rounds: int, seconds: float) -> None:
    """Visitors write to agents in a closed loop."""
    names = systems.split(",")
    if wrong := [name for name in names if name not in NAMES]:
        raise click.UsageError(f"{wrong[0]} is none of {', '.join(NAMES)}")
    scale = replace(QUICK, rounds=rounds, pairs=(size,), pairs_window=Window(_WARM_S, seconds))
    counts = [int(count) for count in processes.split(",")]
    with _stores() as stores:
        if names != ["aican"]:
            install(_say)
        figures, failures = compare(whole.systems(stores, names), scale, counts, _say)
        _show(figures)
        if failures:
            sys.exit(1)


@main.command("open-loop")
@click.option("--pairs", "size", default=200, show_default=True)
@click.option("--rate", default=1_000.0, show_default=True, help="Messages a second.")
@_processes
@_seconds
def open_loop(size: int, rate: float, processes: int, seconds: float) -> None:
    """Latency at a constant rate."""
    with _aican() as aican, aican.serving(processes) as servers:
        _show(measure.open_loop(aican, servers, size, rate, Window(_WARM_S, seconds)))


@main.command("idle")
@click.option("--connections", default=1_000, show_default=True)
@click.option("--settle", default=2.0, show_default=True, help="Seconds before counting.")
@_seconds
def idle_command(connections: int, settle: float, seconds: float) -> None:
    """What connections cost that only beat."""
    with _aican() as aican, aican.serving(1) as servers:
        _show(idle(aican, servers, connections, Window(settle, seconds)))


@main.command("fanout")
@click.option("--followers", default=1_000, show_default=True)
@_processes
@_seconds
def fanout_command(followers: int, processes: int, seconds: float) -> None:
    """One frame to many."""
    with _aican() as aican, aican.serving(processes) as servers:
        _show(fanout(aican, servers, followers, Window(_WARM_S, seconds)))


@main.command("storm")
@click.option("--connections", default=1_000, show_default=True)
@_processes
def storm_command(connections: int, processes: int) -> None:
    """Everybody is dropped at once."""
    with _aican() as aican, aican.serving(processes) as servers:
        _show(storm(aican, servers, connections))


@main.command("profile")
@click.option(
    "--measure", "name", type=click.Choice(["pairs", "open-loop", "idle", "fanout", "storm"]), default="pairs"
)
@click.option("--size", default=200, show_default=True, help="Pairs, or connections.")
@click.option("--folded", type=click.Path(path_type=Path), default=ROOT / "build" / "bench.folded", help="Raw stacks.")
@_processes
@_seconds
def profile_command(name: str, size: int, folded: Path, processes: int, seconds: float) -> None:
    """Where the first gateway's time goes."""
    window = Window(_WARM_S, seconds)
    with _aican() as aican, aican.serving(processes) as servers:
        install(_say)
        folded.parent.mkdir(parents=True, exist_ok=True)
        sampler = Sampler(servers[0], folded)
        if name == "pairs":
            figures = measure.closed_loop(aican, servers, size, window, witness=sampler)
            units, unit = figures["delivered"], "message"
        elif name == "open-loop":
            figures = measure.open_loop(aican, servers, size, FULL.open_rate, window, witness=sampler)
            units, unit = figures["delivered"], "message"
        elif name == "idle":
            figures = idle(aican, servers, size, window, witness=sampler)
            units, unit = figures["connections"] * figures["seconds"] / processes, "second of a connection"
        elif name == "fanout":
            figures = fanout(aican, servers, size, window, witness=sampler)
            units, unit = figures["deliveries"], "delivery"
        else:
            figures = storm(aican, servers, size, witness=sampler)
            units, unit = figures["connections"] / processes, "return"
        stages = sampler.stages(units)
    _show(figures)
    total = sum(cost for _, cost in stages)
    rows = [(stage, f"{cost:.1f}", f"{100 * cost / total:.0f} %") for stage, cost in stages]
    click.echo(f"Gateway 0, µs of CPU for each {unit}, by stage:")
    for line in table.aligned([("stage", "µs", "share"), *rows, ("all", f"{total:.1f}", "100 %")]):
        click.echo(line)


@contextmanager
def _stores() -> Iterator[SharedStores]:
    try:
        allow_connections(_CONNECTIONS)
        with shared_stores() as stores:
            yield stores
    except (BenchError, OperatorError) as error:
        click.echo(f"bench: {error}", err=True)
        sys.exit(1)


@contextmanager
def _aican() -> Iterator[Aican]:
    with _stores() as stores:
        yield Aican(stores)


def _say(line: str) -> None:
    click.echo(line, err=True)


def _show(figures: object) -> None:
    click.echo(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
