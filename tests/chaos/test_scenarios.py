"""The table of scenarios: enough of them, and each replays from its seed."""

from __future__ import annotations

from random import Random

from tests.chaos.__main__ import MESSAGES
from tests.chaos.faults import Killed, Stopped, Told, Windy
from tests.chaos.scenarios import SCENARIOS
from tests.chaos.source import Source


def test_there_are_at_least_40_scenarios_and_200_000_messages() -> None:
    assert len({scenario.name for scenario in SCENARIOS}) == len(SCENARIOS) >= 40
    assert len(SCENARIOS) * MESSAGES >= 200_000


def test_the_same_seed_draws_the_same_schedule_and_another_one_another() -> None:
    for scenario in SCENARIOS:
        schedules = [scenario.schedule(seed, 3) for seed in (1, 1, 2)]
        assert schedules[0] == schedules[1]
        assert len(schedules[0]) == scenario.times
        assert schedules[0] != schedules[2] or not scenario.times


def test_a_storm_draws_from_everything() -> None:
    (storm,) = [scenario for scenario in SCENARIOS if scenario.name == "storm 1"]
    links = {getattr(step.fault, "link", "") for seed in range(10) for step in storm.schedule(seed, 3)}
    assert {"redis", "mongodb", "front", "balancer"} <= links
    whats = {getattr(step.fault, "what", "") for seed in range(10) for step in storm.schedule(seed, 3)}
    assert {"gateway", "redis", "mongodb"} <= whats


def test_a_schedule_strikes_only_gateways_that_are_there() -> None:
    for scenario in SCENARIOS:
        for seed in range(20):
            for step in scenario.schedule(seed, 2):
                assert getattr(step.fault, "node", 0) in (-1, 0, 1)


def test_a_participant_says_the_same_with_the_same_seed_and_never_the_same_twice() -> None:
    first, again, other = (Source("visitor", Random(seed), pause_s=0.1) for seed in (1, 1, 2))
    texts = [text for _ in range(200) for text in first.burst()]
    assert texts == [text for _ in range(200) for text in again.burst()]
    assert texts != [text for _ in range(200) for text in other.burst()]
    assert len(set(texts)) == len(texts)
    assert max(map(len, texts)) < 8_000


def test_every_fault_that_was_asked_for_is_played() -> None:
    faults = [step.fault for scenario in SCENARIOS for seed in range(5) for step in scenario.schedule(seed, 3)]
    weathers = [fault for fault in faults if isinstance(fault, Windy)]
    for link in ("redis", "mongodb", "front"):
        here = [fault.weather for fault in weathers if fault.link == link]
        for kind in ("latency_s", "piece", "bytes_per_s", "stalled", "swallowing", "refusing"):
            assert any(getattr(weather, kind) for weather in here), f"{kind} before {link}"
    assert any(fault.weather.mute for fault in weathers)
    assert {fault.what for fault in faults if isinstance(fault, Killed)} == {
        "gateway",
        "redis",
        "mongodb",
        "web",
        "jobs",
    }
    assert any(fault.what == "mongodb" and fault.for_s == 10 for fault in faults if isinstance(fault, Stopped))
    told = {" ".join(fault.command.split()[:2]) for fault in faults if isinstance(fault, Told)}
    assert {"CLIENT KILL", "CLIENT PAUSE", "FLUSHALL", "SCRIPT FLUSH"} <= told
