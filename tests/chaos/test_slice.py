"""A minute of the fault suite in every test run."""

from __future__ import annotations

import os
import shlex
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from tests.chaos import report
from tests.chaos.checker import summary
from tests.chaos.run import HUNG, run
from tests.chaos.scenarios import SCENARIOS, Scenario
from tests.chaos.world import Shape, World, a_world

pytestmark = [pytest.mark.stores, pytest.mark.asyncio(loop_scope="module")]

SEED = int(os.environ.get("CHAOS_SEED", "1"))
"""One that holds, so that a test run says the same twice; others are tried by hand, and by ``make chaos``."""
MESSAGES = 300
PLAYED = {
    "calm": 0,
    "Redis link: mute to the end": 1,
    "Redis: flushed while tabs crash": 3,
    "Redis: rewound": 1,
    "Redis: subscribers killed to the end": 3,
    "Redis: numbers that nobody stored, and flushed": 4,
    "MongoDB: killed while conversations end": 1,
    "gateway: killed while tabs crash": 1,
    "widget: half-open": 1,
    "storm 4": 4,
}
"""How many faults of each are played; the full run has more."""


def short(name: str, faults: int) -> Scenario:
    """The scenario with so many of its faults."""
    (scenario,) = [each for each in SCENARIOS if each.name == name]
    return replace(scenario, times=faults)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """One install for all of them: what one scenario leaves behind, the next one has to live with."""
    async with a_world(tmp_path_factory.mktemp("chaos"), "slice", Shape(gateways=2)) as world:
        yield world


@pytest.mark.parametrize(("name", "faults"), PLAYED.items())
async def test_the_promise_holds(name: str, faults: int, world: World, request: pytest.FixtureRequest) -> None:
    result = await run(short(name, faults), SEED, world, messages=MESSAGES)
    again = f"CHAOS_SEED={SEED} .venv/bin/python -m pytest {shlex.quote(request.node.nodeid)}"
    assert not result.violations, f"\n{report.HEAD}\n{report.line(result)}\n{report.failure(result, again)}"
    assert len(result.faults) == faults


async def test_a_run_that_does_not_end_is_broken_and_told_with_its_seed(world: World) -> None:
    result = await run(short("calm", 0), 77, world, messages=10**9, at_most_s=1.0)
    assert summary(result.violations) == {HUNG: 1}
    told = report.failure(result, report.replay(result))
    assert "played (tests/chaos/run.py:" in told, "wherever it was then"
    assert "SEED=77" in told
