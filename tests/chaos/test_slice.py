"""A minute of the fault suite in every test run: fixed seeds, and one that nobody has tried before."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from dataclasses import replace

import click
import pytest
import pytest_asyncio

from tests.chaos import report
from tests.chaos.run import run
from tests.chaos.scenarios import SCENARIOS, Scenario
from tests.chaos.world import Shape, World, a_world

pytestmark = [pytest.mark.stores, pytest.mark.asyncio(loop_scope="module")]

SEED = 1
MESSAGES = 300
TIMES = 2
"""Faults in each scenario; the full run has more."""
PLAYED = (
    "Redis link: mute to the end",
    "Redis: flushed while tabs crash",
    "Redis: rewound",
    "Redis: subscribers killed to the end",
    "MongoDB: killed while conversations end",
    "gateway: killed while tabs crash",
    "front: half-open",
)
FRESH = "storm 4"


def short(name: str) -> Scenario:
    """The scenario with few of its faults."""
    (scenario,) = [each for each in SCENARIOS if each.name == name]
    return replace(scenario, times=TIMES)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """One install for all of them: what one scenario leaves behind, the next one has to live with."""
    async with a_world(tmp_path_factory.mktemp("chaos"), "slice", Shape(gateways=2)) as world:
        yield world


@pytest.mark.parametrize("name", PLAYED)
async def test_the_promise_holds(name: str, world: World) -> None:
    await holds(short(name), SEED, world)


async def test_the_promise_holds_in_a_storm_of_any_seed(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    seed = int(os.environ.get("CHAOS_SEED", SEED))
    with capsys.disabled():
        click.echo(f" {FRESH}, seed {seed} ", nl=False)
    await holds(replace(short(FRESH), times=2 * TIMES), seed, world)


async def holds(scenario: Scenario, seed: int, world: World) -> None:
    result = await run(scenario, seed, world, messages=MESSAGES)
    assert not result.violations, f"\n{report.HEAD}\n{report.line(result)}\n{report.failure(result)}"
