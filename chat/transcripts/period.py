"""From when to when: RFC 3339 dates and times as Unix milliseconds."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from chat.errors import Invalid

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TIME = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt ](?P<hour>\d{2}):\d{2}:(?P<second>\d{2})(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})", re.ASCII
)
_FORM = "a date or a time with its offset (RFC 3339), such as 2026-11-23 or 2026-11-23T10:30:00Z"
_HOUR = "an hour from 00 to 23 (RFC 3339): the end of a day is 00:00:00 of the next"
_SECOND = "a second from 00 to 59; 60 is a leap second, which ends a month in UTC (RFC 3339)"


def moment(text: str, field: str) -> int:
    """Unix milliseconds of an RFC 3339 date (midnight UTC) or date-time (with its offset). Raises Invalid.

    A time without an offset is refused: whose midnight it means is not for us to guess. A leap second (§5.7) is counted
    as the one after it, as Unix time does; whether there was one at the end of that month is not looked up.
    """
    time = _TIME.fullmatch(text)
    if not (time or _DATE.fullmatch(text)):
        raise Invalid(field, _FORM)
    if time and time["hour"] == "24":
        raise Invalid(field, _HOUR)
    if time and time["second"] == "60":
        return _leap_second(text[: time.start("second")] + "59" + text[time.end("second") :], field)
    return _unix_ms(_read(text, field), field)


def _leap_second(one_before: str, field: str) -> int:
    before = _read(one_before, field)
    try:
        after = before.astimezone(UTC) + timedelta(seconds=1)
    except OverflowError:
        raise Invalid(field, _FORM) from None
    if (after.day, after.hour, after.minute, after.second) != (1, 0, 0, 0):
        raise Invalid(field, _SECOND)
    return _unix_ms(after, field)


def _read(text: str, field: str) -> datetime:
    try:
        read = datetime.fromisoformat(text.upper())
    except ValueError:
        raise Invalid(field, _FORM) from None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _unix_ms(at: datetime, field: str) -> int:
    try:
        return round(at.timestamp() * 1000)
    except (OverflowError, ValueError):
        raise Invalid(field, _FORM) from None
