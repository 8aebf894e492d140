"""The suite turns red when a mechanism of delivery is broken: each is broken once, and its scenario finds it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.chaos import report
from tests.chaos.broken import MECHANISMS
from tests.chaos.cast import Crew
from tests.chaos.checker import DUPLICATED, LOST, STUCK, UNSTORED, summary
from tests.chaos.run import run
from tests.chaos.scenarios import FLUSHED, LONG_S, Scenario, cut, mute, stalled, wasted, windy
from tests.chaos.world import Shape, a_world

pytestmark = pytest.mark.stores

SEED = 1
MESSAGES = 200
PATIENCE_S = 4.0
"""What does not come right within this time never does: nothing that is sound takes a quarter of it."""
CREW = Crew(talks=4, agents=2)
DEEP = Crew(talks=1, agents=1, pause_s=0.0)
"""One conversation with all the messages: numbering that begins anew does not reach its top by trying."""


@dataclass(frozen=True)
class Case:
    """A mechanism, the faults that need it, and what its absence looks like."""

    broken: str
    found: str
    scenario: Scenario


CASES = [
    Case("acknowledge before the commit", UNSTORED, Scenario("stalls", (windy("mongodb", stalled),), 2, crew=CREW)),
    Case("publish before the store", UNSTORED, Scenario("stalls", (windy("mongodb", stalled),), 2, crew=CREW)),
    Case("no seeding from the record", STUCK, Scenario("flushed", (FLUSHED,), 1, to_the_end=True, crew=DEEP)),
    Case("no position check", LOST, Scenario("mute", (windy("redis", mute, LONG_S),), 1, to_the_end=True, crew=CREW)),
    Case("no memory of client ids", DUPLICATED, Scenario("resets", (cut("front"),), 5, crew=CREW)),
    Case("no voids", LOST, Scenario("numbers wasted", (wasted,), 1, crew=CREW)),
]


def test_every_mechanism_that_can_be_broken_is() -> None:
    assert {case.broken for case in CASES} == MECHANISMS.keys()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.broken)
async def test_the_suite_turns_red(case: Case, tmp_path: Path) -> None:
    shape = Shape(gateways=2, broken=case.broken)
    async with a_world(tmp_path, case.broken, shape) as world:
        result = await run(case.scenario, SEED, world, messages=MESSAGES, patience_s=PATIENCE_S)
    assert case.found in summary(result.violations), report.line(result) + "\n" + report.failure(result)
