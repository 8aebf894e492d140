"""The suite turns red when a mechanism of delivery is broken: each is broken once, and its scenario finds it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from tests.chaos import report
from tests.chaos.broken import MECHANISMS
from tests.chaos.cast import Crew
from tests.chaos.checker import DUPLICATED, LOST, REORDERED, STUCK, UNSTORED, summary
from tests.chaos.faults import EVERYWHERE, Fault, Windy
from tests.chaos.run import run
from tests.chaos.scenarios import FLUSHED, Scenario, at_ends, at_once, cut, mute, wasted, windy
from tests.chaos.weather import Weather
from tests.chaos.world import Shape, a_world

pytestmark = pytest.mark.stores

SEED = 1
MESSAGES = 200
PATIENCE_S = 2.5
"""What is broken never comes right; what is sound takes 1.6 s for the slowest of these, a number that nobody stored."""
MUTE_S = (3.0, 3.5)
"""The last words are all in the record by then, however slow the machine: what comes later would tell of them."""
STALL_S = (1.0, 1.5)
"""Less than a gateway waits for its store, so that each post is answered once the stall is over."""
CREW = Crew(talks=4, agents=2)
DEEP = Crew(talks=1, agents=1, pause_s=0.0)
"""One conversation with all the messages: numbering that begins anew does not reach its top by trying."""


@dataclass(frozen=True)
class Case:
    """A mechanism, the faults that need it, and what its absence looks like."""

    broken: str
    found: str
    scenario: Scenario


ENDING = Crew(talks=8, agents=2, ending=True, pause_s=0.2)


def everywhere_mute(_: Random, __: int) -> Fault:
    return Windy("redis", EVERYWHERE, Weather(mute=True), MUTE_S[1])


DEAF_AND_FLUSHED = at_once(everywhere_mute, at_ends(FLUSHED, 8))
STALLS = Scenario("stalls", (windy("mongodb", lambda _: Weather(stalled=True), STALL_S),), 1, crew=CREW)

CASES = [
    Case("acknowledge before the commit", UNSTORED, STALLS),
    Case("publish before the store", UNSTORED, STALLS),
    Case("no seeding from the record", STUCK, Scenario("flushed", (FLUSHED,), 1, to_the_end=True, crew=DEEP)),
    Case("no end from the record", REORDERED, Scenario("flushed at ends", (DEAF_AND_FLUSHED,), 1, crew=ENDING)),
    Case("no position check", LOST, Scenario("mute", (windy("redis", mute, MUTE_S),), 1, to_the_end=True, crew=CREW)),
    Case("no memory of client ids", DUPLICATED, Scenario("resets", (cut("front"),), 3, crew=CREW)),
    Case("no voids", LOST, Scenario("numbers wasted", (wasted,), 1, crew=CREW)),
]


def test_every_mechanism_that_can_be_broken_is() -> None:
    assert {case.broken for case in CASES} == MECHANISMS.keys()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.broken)
async def test_the_suite_turns_red(case: Case, tmp_path: Path) -> None:
    shape = Shape(gateways=2, broken=case.broken)
    async with a_world(tmp_path, case.broken, shape) as world:
        result = await run(case.scenario, SEED, world, messages=MESSAGES, patience_s=PATIENCE_S)
    assert case.found in summary(result.violations), report.line(result)
