"""Rows as bytes."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.transcripts.rows import COLUMNS, Row
from chat.transcripts.writing import BYTE_ORDER_MARK, PIECE_BYTES, Format, safe_cell, written

DANGEROUS = [
    '=cmd|" /C calc"!A0',
    '=HYPERLINK("http://evil.example","x")',
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\0=1+1",
    "\n=1+1",
    "\tplain",
    "\rplain",
    "\0plain",
    "＝1+1",
    "＋1+1",
    "－1+1",
    "＠SUM(A1)",
    " =1+1",
    "\u00a0=1+1",
    "\u200b=1+1",
    "\ufeff=1+1",
    "\u3000＝1+1",
    "\x1b=1+1",
    '"=1+1"'[1:],
]


@pytest.mark.parametrize("value", DANGEROUS)
def test_what_a_spreadsheet_could_run_stands_behind_an_apostrophe(value: str) -> None:
    safe = safe_cell(value)
    assert safe.startswith("'")
    assert safe.replace("'", "") == value.replace("'", "")


@pytest.mark.parametrize("value", ["", " ", "hello", "1 = 1", "a@b.example", "您好", "'quoted'", "\nnext line", "(-1)"])
def test_what_is_harmless_is_left_alone(value: str) -> None:
    assert safe_cell(value) == value


@pytest.mark.parametrize(
    ("value", "safe"),
    [
        ('hello;=HYPERLINK("http://evil.example")', 'hello;\'=HYPERLINK("http://evil.example")'),
        ("line\n=cmd|'/C calc'!A0", "line\n'=cmd|'/C calc'!A0"),
        ('a;  "@SUM(A1);b\t+1', "a;  \"'@SUM(A1);b\t'+1"),
        ("one;two; three\nfour", "one;two; three\nfour"),
        ("=a;=b", "'=a;'=b"),
        ('hello ;=HYPERLINK("http://evil")', 'hello ;\'=HYPERLINK("http://evil")'),
        (";=1+1;x", ";'=1+1;x"),
        ("hi \n=1+1", "hi \n'=1+1"),
        ("\n=1+1", "'\n'=1+1"),
        ("\t=1+1", "'\t'=1+1"),
        ("a;\u200b=1+1", "a;\u200b'=1+1"),
        ("a;\u00a0 \u2060\uff1d1+1", "a;\u00a0 \u2060'\uff1d1+1"),
        ("a\u2028@b", "a\u2028'@b"),
        ("a - b; and then - c", "a - b; and then - c"),
    ],
)
def test_a_cell_stays_safe_where_programs_split_at_semicolons_tabs_and_lines(value: str, safe: str) -> None:
    assert safe_cell(value) == safe


async def rows(*texts: str) -> AsyncIterator[Row]:
    for seq, text in enumerate(texts, start=1):
        yield Row("c", "s", "", "", "v", seq, "", "text", "visitor", "v", "=Mei", text, "")


async def written_whole(form: Format, *texts: str) -> bytes:
    return b"".join([piece async for piece in written(rows(*texts), form)])


async def test_no_cell_of_a_file_begins_a_formula() -> None:
    content = (await written_whole(Format.CSV, *DANGEROUS)).decode("utf-8-sig")
    records = list(csv.DictReader(io.StringIO(content, newline="")))
    assert [record["text"] for record in records] == [safe_cell(value) for value in DANGEROUS]
    assert {record["author"] for record in records} == {"'=Mei"}


@given(st.text(st.characters(codec="utf-8"), max_size=50))
async def test_every_text_comes_back_as_it_was(text: str) -> None:
    content = (await written_whole(Format.CSV, text)).decode("utf-8-sig")
    (record,) = csv.DictReader(io.StringIO(content, newline=""))
    assert record["text"].replace("'", "") == text.replace("'", "")


async def test_lines_end_as_rfc_4180_says() -> None:
    content = await written_whole(Format.CSV, "one")
    assert content.startswith(BYTE_ORDER_MARK + b'"conversation","site",')
    assert content.count(b"\r\n") == 2
    assert content.replace(b"\r\n", b"").count(b"\n") == 0


async def test_an_empty_export_is_a_valid_one() -> None:
    assert await written_whole(Format.NDJSON) == b""
    assert (await written_whole(Format.CSV)).decode("utf-8-sig") == ",".join(f'"{name}"' for name in COLUMNS) + "\r\n"


@pytest.mark.parametrize("form", Format)
async def test_pieces_are_bounded(form: Format) -> None:
    pieces = [piece async for piece in written(rows(*("x" * 1000 for _ in range(500))), form)]
    assert len(pieces) > 5
    assert all(PIECE_BYTES <= len(piece) < PIECE_BYTES + 2_000 for piece in pieces[:-1])


@pytest.mark.parametrize("form", Format)
async def test_the_source_is_closed_when_a_reader_leaves(form: Format) -> None:
    closed = False

    async def endless() -> AsyncIterator[Row]:
        nonlocal closed
        try:
            while True:
                async for row in rows("x" * 1000):
                    yield row
        finally:
            closed = True

    pieces = written(endless(), form)
    await anext(pieces)
    await pieces.aclose()  # type: ignore[attr-defined]
    assert closed
