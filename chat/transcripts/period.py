"""From when to when: RFC 3339 dates and times as Unix milliseconds."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from chat.errors import Invalid

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})", re.ASCII)


def moment(text: str, field: str) -> int:
    """Unix milliseconds of an RFC 3339 date (midnight UTC) or date-time (with its offset). Raises Invalid.

    A time without an offset is refused: whose midnight it means is not for us to guess.
    """
    if not (_DATE.fullmatch(text) or _TIME.fullmatch(text)):
        raise _not_a_moment(field)
    try:
        read = datetime.fromisoformat(text.upper())
    except ValueError:
        raise _not_a_moment(field) from None
    aware = read if read.tzinfo else read.replace(tzinfo=UTC)
    try:
        return round(aware.timestamp() * 1000)
    except (OverflowError, ValueError):
        raise _not_a_moment(field) from None


def _not_a_moment(field: str) -> Invalid:
    return Invalid(field, "a date or a time with its offset (RFC 3339), such as 2026-11-23 or 2026-11-23T10:30:00Z")
