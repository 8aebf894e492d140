"""``python -m tests.bench MEASURE``: one measurement, its figures as JSON."""

from __future__ import annotations

import json

import click

from tests.bench import measures
from tests.bench.aican.system import Aican
from tests.bench.limits import allow_connections
from tests.bench.stores import shared_stores

_WARM_S = 2.0
_OPEN_RATE = 1_000.0


@click.command()
@click.argument("measure", type=click.Choice(["pairs", "open-loop"]))
@click.option("--pairs", default=200, show_default=True)
@click.option("--seconds", default=5.0, show_default=True)
@click.option("--processes", default=2, show_default=True)
def main(measure: str, pairs: int, seconds: float, processes: int) -> None:
    """Measure on this machine, all at once."""
    allow_connections(2 * pairs)
    window = measures.Window(_WARM_S, seconds)
    with shared_stores() as stores:
        aican = Aican(stores)
        aican.furnish(pairs)
        with aican.serving(processes) as servers:
            if measure == "pairs":
                figures = measures.closed_loop(aican, servers, stores, pairs, window)
            else:
                figures = measures.open_loop(aican, servers, stores, pairs, _OPEN_RATE, window)
    click.echo(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
