"""What is late, and who came back for nothing, is found; what the faults explain is not."""

from __future__ import annotations

import pytest

from tests.chaos.bounds import NOISE_S, back_within, ends_within, found_within, kinds, late_within, noise_s
from tests.chaos.checker import summary
from tests.chaos.faults import AtOnce, Cut, Fault, HalfOpen, Nothing, Stopped, Told, Windy
from tests.chaos.history import DEAD_CLIENT, DEAD_SERVER, MUTE, History, Noticed
from tests.chaos.pace import QUICK, REAL
from tests.chaos.run import Result
from tests.chaos.scenarios import SCENARIOS
from tests.chaos.verdict import RESTLESS, SLOW, judged
from tests.chaos.weather import Weather

DEAF = Windy("redis", 0, Weather(mute=True), 6.0)
FLUSHED = Told("FLUSHALL")


def found(result: Result, *schedule: Fault, noticed: list[Noticed] | None = None) -> dict[str, int]:
    result.people = 10
    return summary(judged(result, schedule, History(noticed=noticed or []), QUICK))


def a_result(**figures: object) -> Result:
    return Result("scenario", 1, "here", **figures)  # type: ignore[arg-type]


def test_every_fault_of_the_table_has_a_bound_below_ten_seconds_and_noise() -> None:
    for scenario in SCENARIOS:
        schedule = [step.fault for step in scenario.schedule(1, 3)]
        if scenario.shape.pace == "quick":
            assert 0 < back_within(schedule, QUICK) <= 10.0, scenario.name


def test_a_half_open_peer_is_found_within_what_is_promised() -> None:
    assert found_within(DEAD_SERVER, REAL) == 20.0
    assert found_within(DEAD_CLIENT, REAL) <= 22.5 + 2.0, "two seconds more for the answer to its close"
    assert found_within(MUTE, REAL) == 3.0


def test_the_slowest_fault_of_a_schedule_counts_and_each_of_those_that_strike_together() -> None:
    assert kinds(AtOnce((DEAF, FLUSHED))) == ["mute", "memory lost"]
    assert back_within([FLUSHED, HalfOpen("front", 0)], QUICK) == back_within([HalfOpen("front", 0)], QUICK)
    assert back_within([], QUICK) < back_within([DEAF], QUICK) < back_within([FLUSHED], QUICK)


def test_a_late_recovery_is_slow() -> None:
    within = back_within([DEAF], QUICK) + NOISE_S
    assert found(a_result(recovery_s=within), DEAF) == {}
    assert found(a_result(recovery_s=within + 0.1), DEAF) == {SLOW: 1}


def test_what_is_said_into_a_mute_subscription_comes_all_the_same() -> None:
    assert found(a_result(late_s=6.0), DEAF) == {SLOW: 1}
    assert late_within([DEAF, Cut("redis", 0)]) is None, "where calls fail nothing is accepted either"
    assert found(a_result(late_s=6.0), DEAF, Cut("redis", 0)) == {}


def test_a_machine_that_is_very_busy_is_given_more_time() -> None:
    late = a_result(recovery_s=back_within([DEAF], QUICK) + NOISE_S + 1.0)
    assert summary(judged(late, [DEAF], History(), QUICK, noise_s=NOISE_S + 1.0)) == {}
    assert noise_s() >= NOISE_S


def test_what_nobody_notices_is_slow() -> None:
    assert found(a_result(), noticed=[Noticed(MUTE, "gateway-0", 4.9)]) == {}
    assert found(a_result(), noticed=[Noticed(MUTE, "gateway-0", 6.0), Noticed(DEAD_CLIENT, "front", 11.0)]) == {
        SLOW: 2
    }


def test_a_gap_that_a_client_had_to_find_is_a_gateways_fault_whatever_was_struck() -> None:
    assert found(a_result(catch_ups=1), Cut("front", 0)) == {RESTLESS: 1}


@pytest.mark.parametrize(
    ("schedule", "code", "is_right"),
    [
        ((), "cut", False),
        ((Cut("front", 0),), "cut", True),
        ((Cut("redis", 0),), "4003", False),
        ((FLUSHED,), "4401", True),
        ((FLUSHED,), "4000", False),
        ((Stopped("gateway", 0, 0.1),), "4000", True),
        ((Stopped("gateway", 0, 0.1),), "cut", False),
        ((Nothing(),), "silence", True),
    ],
)
def test_connections_end_only_as_the_faults_explain(schedule: tuple[Fault, ...], code: str, is_right: bool) -> None:
    assert found(a_result(ends={code: 3}), *schedule) == ({} if is_right else {RESTLESS: 1})
    assert ends_within([Cut("front", 0)]) is None


def test_a_machine_that_stands_still_costs_each_a_connection_and_no_more() -> None:
    assert found(a_result(ends={"silence": 11})) == {RESTLESS: 1}
    assert found(a_result(reconnects=10)) == {}
    assert found(a_result(reconnects=11)) == {RESTLESS: 1}
    assert found(a_result(reconnects=99), FLUSHED) == {}
