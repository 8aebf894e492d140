"""Dates and times as they are asked for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.errors import Invalid
from chat.transcripts.period import moment
from chat.transcripts.rows import rfc3339


@pytest.mark.parametrize(
    ("text", "at_ms"),
    [
        ("1970-01-01", 0),
        ("2026-11-23", 1_795_392_000_000),
        ("2026-11-23T00:00:00Z", 1_795_392_000_000),
        ("2026-11-23t00:00:00z", 1_795_392_000_000),
        ("2026-11-23 00:00:00Z", 1_795_392_000_000),
        ("2026-11-23T08:00:00+08:00", 1_795_392_000_000),
        ("2026-11-23T00:00:00.001Z", 1_795_392_000_001),
        ("2026-11-23T00:00:00.123456789Z", 1_795_392_000_123),
        ("1969-12-31T23:59:59Z", -1_000),
        ("2016-12-31T23:59:60Z", 1_483_228_800_000),
        ("2016-12-31T23:59:60.250Z", 1_483_228_800_250),
        ("2017-01-01T07:59:60+08:00", 1_483_228_800_000),
        ("2016-06-30T19:29:60-04:30", 1_467_331_200_000),
    ],
)
def test_a_moment_is_unix_milliseconds(text: str, at_ms: int) -> None:
    assert moment(text, "from") == at_ms


@pytest.mark.parametrize(
    "text",
    [
        "",
        "today",
        "2026",
        "2026-11",
        "20261123",
        "2026-W48-1",
        "2026-02-30",
        "2026-11-23T10:00",
        "2026-11-23T10:00:00",
        "2026-11-23T25:00:00Z",
        "2026-11-23T10:00:00+25:00",
        "٢٠٢٦-١١-٢٣",
        "2026-11-23\n",
        "0000-01-01",
    ],
)
def test_what_could_mean_two_things_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as told:
        moment(text, "to")
    assert told.value.field == "to"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2026-11-23T24:00:00Z", "an hour from 00 to 23"),
        ("2026-11-23T24:00:01+08:00", "an hour from 00 to 23"),
        ("2026-11-23T23:59:60Z", "a leap second, which ends a month"),
        ("2026-11-30T23:58:60Z", "a leap second, which ends a month"),
        ("2026-11-30T23:59:60+08:00", "a leap second, which ends a month"),
        ("2026-11-30T23:59:61Z", "a date or a time with its offset"),
        ("9999-12-31T23:59:60Z", "a date or a time with its offset"),
    ],
)
def test_a_time_that_no_clock_shows_is_refused_with_what_is_wrong_with_it(text: str, wanted: str) -> None:
    with pytest.raises(Invalid) as told:
        moment(text, "from")
    assert wanted in told.value.expected


@given(st.integers(min_value=0, max_value=4_102_444_800_000))
def test_what_an_export_says_can_be_asked_for(at_ms: int) -> None:
    assert moment(rfc3339(at_ms), "from") == at_ms


@given(st.text(max_size=40))
def test_anything_can_be_asked_and_little_is_a_moment(text: str) -> None:
    with pytest.raises(Invalid):
        moment(text, "from")
