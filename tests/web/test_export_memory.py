"""An export takes as much memory as one piece of it, however much there is."""

from __future__ import annotations

import gc
import re
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette

from chat.transcripts.transcripts import Request
from chat.transcripts.writing import PIECE_BYTES, Format, written
from gateway.bootstrap import Stores
from gateway.web.parts import WebParts
from tests.web.business import TEN_O_CLOCK, Business

pytestmark = pytest.mark.stores

KIB = 1024


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


def memory(what: str) -> int:
    """Bytes of this process: ``VmRSS`` now, ``VmHWM`` at most since ``forget_the_peak``. See proc_pid_status(5)."""
    found = re.search(rf"^{what}:\s+(\d+) kB$", Path("/proc/self/status").read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1]) * KIB


def forget_the_peak() -> None:
    """Begin ``VmHWM`` anew (proc_pid_clear_refs(5), since Linux 4.0)."""
    Path("/proc/self/clear_refs").write_text("5")


async def exported(app: Starlette, token: str, form: Format) -> tuple[int, int]:
    """Bytes that the web process sent, and how much its memory grew meanwhile, at the most."""
    sent = 0

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        nonlocal sent
        assert message.get("status", 200) == 200
        sent += len(message.get("body", b""))

    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},  # from 2.4 on nobody listens for the end of the connection
        "http_version": "1.1",
        "method": "GET",
        "path": "/api/v1/transcripts",
        "query_string": f"format={form}".encode(),
        "headers": [(b"host", b"localhost:8000"), (b"authorization", f"Bearer {token}".encode())],
    }
    gc.collect()
    forget_the_peak()
    before = memory("VmRSS")
    await app(scope, receive, send)  # type: ignore[arg-type]
    return sent, memory("VmHWM") - before


async def test_ten_times_the_messages_take_no_more_memory(business: Business, app: Starlette) -> None:
    """Two conversations of 1,000, then one of them of 19,000: 2,000 and 20,000 messages, 13 MB as NDJSON."""
    token = await business.token()
    large, small = await business.conversation("first"), await business.conversation("first")
    await business.chatter(small, 999)
    await business.chatter(large, 999)
    for form in Format:
        await exported(app, token, form)  # what is made once, such as caches and the heap's first pages, is made now
    few = [await exported(app, token, form) for form in Format]
    await business.chatter(large, 18_000, above=1_000)
    many = [await exported(app, token, form) for form in Format]
    for (sent_of_few, _), (sent_of_many, growth) in zip(few, many, strict=True):
        assert sent_of_many > 9 * sent_of_few > 9 * 1_000 * KIB
        assert growth < 4_096 * KIB, "less than a third of what was sent"
