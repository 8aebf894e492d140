"""Transcripts as bytes: NDJSON and CSV, row by row, in pieces of about 64 KiB."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import AsyncIterator
from enum import StrEnum

import msgspec
import regex

from chat.transcripts.owned import owned
from chat.transcripts.rows import COLUMNS, Row

PIECE_BYTES = 65_536
"""Large enough that the cost of sending a piece disappears, small enough to be nothing in memory."""
BYTE_ORDER_MARK = "\ufeff".encode()
"""CSV only: spreadsheets take a file without it for the machine's old code page, and Chinese for noise."""
_FORMULA_STARTS = frozenset("=+-@\t\r\0") | frozenset("\uff1d\uff0b\uff0d\uff20")
"""What spreadsheets read as a formula (ASVS 5.0, 1.2.10; OWASP CSV Injection), full-width forms included."""
_CELL_ENDS = frozenset(";\t\r\n\v\f\x85\u2028\u2029")
"""Where some programs begin another cell or line within ours."""
_RUN = regex.compile(r"""([\s;"'\p{Z}\p{Cc}\p{Cf}]++)([=+\-@\uff1d\uff0b\uff0d\uff20])?""")
"""Whatever may stand before a sign without hiding it. Each run is looked at once, so no text takes long."""


class Format(StrEnum):
    """How an export is written."""

    NDJSON = "ndjson"
    CSV = "csv"

    @property
    def media_type(self) -> str:
        """For ``Content-Type``: NDJSON is always UTF-8; CSV says so, and that its first line names the columns
        (RFC 4180 §3)."""
        return {Format.NDJSON: "application/x-ndjson", Format.CSV: "text/csv; charset=utf-8; header=present"}[self]


async def written(rows: AsyncIterator[Row], form: Format) -> AsyncIterator[bytes]:
    """The rows in that format. Never holds more than a piece and a row; an empty export still has CSV's header."""
    encode = _json_line if form is Format.NDJSON else _csv_line
    piece = bytearray(b"" if form is Format.NDJSON else BYTE_ORDER_MARK + _csv_record(COLUMNS))
    async with owned(rows):
        async for each in rows:
            piece += encode(each)
            if len(piece) >= PIECE_BYTES:
                yield bytes(piece)
                piece.clear()
    if piece:
        yield bytes(piece)


def safe_cell(value: str) -> str:
    """``value``, behind an apostrophe when a spreadsheet could take it for a formula.

    Spaces and invisible characters before the sign do not hide it: some programs trim them on import. So it is after
    each ``;``, tab and line end too: where programs split at semicolons, as in half of Europe, cells begin there.
    """
    within = value if _CELL_ENDS.isdisjoint(value) else _RUN.sub(_defended, value)
    return "'" + within if _begins_a_formula(value) else within


def _defended(found: regex.Match[str]) -> str:
    run, sign = found.groups()
    return f"{run}'{sign}" if sign and not _CELL_ENDS.isdisjoint(run) else found.group()


def _begins_a_formula(value: str) -> bool:
    if value[:1] in _FORMULA_STARTS and value:
        return True
    return next((character for character in value if not _is_skipped(character)), "") in _FORMULA_STARTS


def _is_skipped(character: str) -> bool:
    return character not in "\t\r\0" and unicodedata.category(character) in {"Zs", "Zl", "Zp", "Cc", "Cf"}


_json_encoder = msgspec.json.Encoder()


def _json_line(each: Row) -> bytes:
    return _json_encoder.encode(each) + b"\n"


def _csv_line(each: Row) -> bytes:
    cells = (getattr(each, column) for column in COLUMNS)
    return _csv_record(tuple("" if cell is None else str(cell) for cell in cells))


def _csv_record(cells: tuple[str, ...]) -> bytes:
    """One record of RFC 4180: every cell quoted, CRLF at the end."""
    line = io.StringIO()
    csv.writer(line, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow([safe_cell(cell) for cell in cells])
    return line.getvalue().encode()
