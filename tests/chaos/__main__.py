"""The full run: ``python -m tests.chaos [--seed N] [--scenario TEXT] [--messages N]``, or ``make chaos``."""

from __future__ import annotations

import random
import shutil
import sys
import tempfile
from pathlib import Path

import click
import uvloop

from chat.errors import OperatorError
from tests.chaos import report
from tests.chaos.processes import NotStarted
from tests.chaos.run import Result, run
from tests.chaos.scenarios import SCENARIOS, Scenario
from tests.chaos.world import a_world

MESSAGES = 3_000
"""In each scenario at least; those with long faults have more. Together they are well over 200,000."""

NOT_PLAYED = 2
"""The exit code for what says nothing about the promise."""


@click.command()
@click.option("--seed", type=int, help="What everything is drawn from; a fresh one if not given.")
@click.option("--scenario", default="", help="Only scenarios with this in their name.")
@click.option("--messages", default=MESSAGES, show_default=True, help="To be accepted in each scenario.")
@click.option("--output", default=Path("build/chaos.json"), type=click.Path(path_type=Path), show_default=True)
def main(seed: int | None, scenario: str, messages: int, output: Path) -> None:
    """Prove the promise of delivery under every fault of the table. Ends with 1 if it was broken anywhere, with 2 where
    the processes that it is played with do not come up."""
    seed = random.randrange(100_000) if seed is None else seed
    chosen = [each for each in SCENARIOS if each.name == scenario] or [e for e in SCENARIOS if scenario in e.name]
    if not chosen:
        raise click.BadParameter(f"no scenario has {scenario!r} in its name", param_hint="--scenario")
    try:
        results = uvloop.run(_all(chosen, seed, messages, output))
    except (NotStarted, OperatorError) as error:
        click.echo(f"Nothing more can be played: {error}", err=True)
        sys.exit(NOT_PLAYED)
    click.echo(report.total(results))
    sys.exit(any(result.violations for result in results))


async def _all(chosen: list[Scenario], seed: int, messages: int, output: Path) -> list[Result]:
    click.echo(f"seed {seed}\n{report.HEAD}")  # at once: a process that is ended tells nothing more
    results = []
    for scenario in chosen:
        results.append(await _one(scenario, seed, messages))
        report.write(results, output)
        click.echo(report.line(results[-1]))
        if results[-1].violations:
            click.echo(report.failure(results[-1], report.replay(results[-1])))
    return results


async def _one(scenario: Scenario, seed: int, messages: int) -> Result:
    """In a world of its own, whose directory is kept when something was broken."""
    directory = Path(tempfile.mkdtemp(prefix="aican-chaos-"))
    async with a_world(directory, str(seed), scenario.shape) as world:
        result = await run(scenario, seed, world, messages=messages)
    if not result.violations:
        shutil.rmtree(directory, ignore_errors=True)
    return result


if __name__ == "__main__":
    main()
