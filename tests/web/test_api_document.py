"""The page that describes the REST interface says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from chat.transcripts.rows import COLUMNS, Fault
from gateway import web

DOCUMENT = (Path(web.__file__).parent / "API.md").read_text()


def test_every_column_is_described() -> None:
    table = DOCUMENT.partition("| column | meaning |")[2].partition("\n\n")[0]
    described = [name for cell in re.findall(r"^\| ([\w, ]+) \|", table, re.MULTILINE) for name in cell.split(", ")]
    assert sorted(described) == sorted(COLUMNS)


def test_every_fault_is_described() -> None:
    for fault in Fault:
        assert f"`{fault}`" in DOCUMENT
