"""The suite turns red when a mechanism of delivery is broken: each is broken once, and its scenario finds it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from tests.chaos import report
from tests.chaos.broken import MECHANISMS
from tests.chaos.cast import Crew
from tests.chaos.checker import ALTERED, DUPLICATED, LOST, REORDERED, STUCK, UNSTORED
from tests.chaos.faults import EVERYWHERE, AtOnce, Cut, Fault, HalfOpen, Stopped, Windy
from tests.chaos.history import DEAD_CLIENT
from tests.chaos.run import run
from tests.chaos.scenarios import FLUSHED, Scenario, at_ends, at_once, cut, mute, wasted, windy
from tests.chaos.verdict import RESTLESS, SLOW
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


NOISE_S = 1.0
"""What is broken is late by more than that."""
FOUND_S = (4.1, 4.2)
"""A mute subscriber has to be noticed by then, noise included."""


@dataclass(frozen=True)
class Case:
    """Mechanisms, the faults that need them, and what their absence looks like.

    Several in one world are broken in a gateway each: what is found names the gateway.
    """

    broken: tuple[str, ...]
    found: tuple[tuple[str, str], ...]
    """For each a kind, and words that the violation has."""
    scenario: Scenario
    messages: int = MESSAGES


def one(broken: str, kind: str, scenario: Scenario) -> Case:
    """One mechanism, broken in every gateway."""
    return Case((broken,), ((kind, ""),), scenario)


ENDING = Crew(talks=8, agents=2, ending=True, pause_s=0.2)


def everywhere_mute(_: Random, __: int) -> Fault:
    return Windy("redis", EVERYWHERE, Weather(mute=True), MUTE_S[1])


DEAF_AND_FLUSHED = at_once(everywhere_mute, at_ends(FLUSHED, 8))
STALLS = Scenario("stalls", (windy("mongodb", lambda _: Weather(stalled=True), STALL_S),), 1, crew=CREW)

WIRE = (
    ("each message sent twice", DUPLICATED),
    ("each tenth message unsent", LOST),
    ("half of what was missed", LOST),
    ("shown under another name", ALTERED),
)
"""Clients would hide the first two; the third needs connections that were lost, and bystanders lose theirs, too."""


def lost_lines(*_: object) -> Fault:
    return Cut("front", EVERYWHERE)


def deaf_and_silent(random: Random, gateways: int) -> Fault:
    return AtOnce((windy("redis", mute, FOUND_S)(random, 1), HalfOpen("front", gateways - 1)))


def replaced(*_: object) -> Fault:
    return Stopped("gateway", 0, 0.0)


CASES = [
    one("acknowledge before the commit", UNSTORED, STALLS),
    one("publish before the store", UNSTORED, STALLS),
    one("no seeding from the record", STUCK, Scenario("flushed", (FLUSHED,), 1, to_the_end=True, crew=DEEP)),
    one("no end from the record", REORDERED, Scenario("flushed at ends", (DEAF_AND_FLUSHED,), 1, crew=ENDING)),
    one("no position check", LOST, Scenario("mute", (windy("redis", mute, MUTE_S),), 1, to_the_end=True, crew=CREW)),
    one("no memory of client ids", DUPLICATED, Scenario("resets", (cut("front"),), 3, crew=CREW)),
    one("no voids", LOST, Scenario("numbers wasted", (wasted,), 1, crew=CREW)),
    Case(
        tuple(broken for broken, _ in WIRE),
        tuple((kind, f"watcher at gateway-{index}'s connection, ") for index, (_, kind) in enumerate(WIRE)),
        Scenario("lines lost", (lost_lines,), 1, crew=CREW),
        messages=60,  # those who are left to find gaps by themselves do not say much more
    ),
    Case(
        ("no probe", "no end of patience"),
        ((SLOW, "not noticed within 4.0 s at gateway-0"), (SLOW, f"{DEAD_CLIENT} was not noticed")),
        Scenario("deaf and silent", (deaf_and_silent,), 1, crew=CREW),
    ),
    one("no drain", RESTLESS, Scenario("replaced", (replaced,), 1, crew=CREW)),
]


def test_every_mechanism_that_can_be_broken_is() -> None:
    assert {broken for case in CASES for broken in case.broken} == MECHANISMS.keys()


@pytest.mark.parametrize("case", CASES, ids=lambda case: ", ".join(case.broken))
async def test_the_suite_turns_red(case: Case, tmp_path: Path) -> None:
    shape = Shape(gateways=max(2, len(case.broken)), broken=case.broken)
    async with a_world(tmp_path, case.scenario.name, shape) as world:
        result = await run(case.scenario, SEED, world, messages=case.messages, patience_s=PATIENCE_S, noise_s=NOISE_S)
    for kind, words in case.found:
        assert [each for each in result.violations if each.kind == kind and words in each.text], report.line(result)
