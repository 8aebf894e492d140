"""An export takes as much memory as one piece of it, however much there is."""

from __future__ import annotations

from typing import Any

import pytest

from chat.transcripts.transcripts import Request
from chat.transcripts.writing import PIECE_BYTES, Format, written
from gateway.bootstrap import Stores
from gateway.web.parts import WebParts
from tests.web.business import TEN_O_CLOCK, Business

pytestmark = pytest.mark.stores

HOUR = 3_600_000


async def test_an_export_is_read_no_faster_than_it_is_taken(
    business: Business, parts: WebParts, opened: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Constant memory: of a long record no more is opened than fills the piece that is being taken."""
    count, length = 400, 2_000
    for number in range(8):
        await business.conversation(*("x" * length for _ in range(count // 8)), opened_at=TEN_O_CLOCK + number)
    opened_count = 0
    real = type(opened.sealer).open

    async def counted(*arguments: Any) -> Any:
        nonlocal opened_count
        opened_count += 1
        return await real(*arguments)

    monkeypatch.setattr(type(opened.sealer), "open", counted)
    pieces = written(await parts.transcripts.export(business.system, Request()), Format.NDJSON)
    first = await anext(pieces)
    assert PIECE_BYTES <= len(first) < PIECE_BYTES + 2 * length
    assert opened_count <= PIECE_BYTES // length + 1
    sizes = [len(piece) async for piece in pieces]
    assert opened_count == count
    assert max(sizes) < PIECE_BYTES + 2 * length
    assert len(sizes) > 10
