"""What supervisors and load balancers ask."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import httpx
import pytest

from chat.errors import Unavailable
from gateway.web import health
from gateway.web.app import create_app
from gateway.web.parts import WebParts
from tests.web.conftest import connected

pytestmark = pytest.mark.stores


async def away() -> None:
    raise Unavailable("connection refused")


async def silent() -> None:
    await asyncio.Event().wait()


async def test_with_both_stores_there_it_is_ready(script: httpx.AsyncClient) -> None:
    answer = await script.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready"})


async def test_a_store_that_is_away_is_named_and_the_process_lives_on(parts: WebParts) -> None:
    async with connected(create_app(replace(parts, pings={**parts.pings, "redis": away}))) as client:
        answer = await client.get("/readyz")
        assert (answer.status_code, answer.json()) == (503, {"status": "away", "away": ["redis"]})
        assert (await client.get("/healthz")).status_code == 200


async def test_a_store_that_says_nothing_is_away(parts: WebParts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "PING_SECONDS", 0.01)
    async with connected(create_app(replace(parts, pings={"mongodb": silent}))) as client:
        assert (await client.get("/readyz")).json()["away"] == ["mongodb"]


async def test_a_store_that_goes_away_is_told_with_a_time_to_come_back(
    parts: WebParts, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def gone(*arguments: object) -> None:
        raise Unavailable("connection refused to mongodb://user:password@host")

    monkeypatch.setattr(type(parts.sites), "get", gone)
    async with connected(create_app(parts)) as client:
        answer = await client.get("/panel", params={"site": "x"})
    assert answer.status_code == 503
    assert answer.json()["error"]["retry_after_ms"] == 2_000
    assert "password" not in answer.text
