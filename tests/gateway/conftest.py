"""A house for each test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import uvloop
from pydantic import SecretStr

from chat.inspection import verdict
from config.settings import Settings
from tests.gateway.house import House, a_house


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The loop that the gateway runs on."""
    return {"uvloop": uvloop.new_event_loop}


@pytest.fixture
def settings(tmp_path: Path, redis_url: str, mongodb_url: str) -> Settings:
    """Settings that point at this test's stores."""
    return Settings(
        data_dir=tmp_path,
        redis_url=SecretStr(redis_url),
        mongodb_url=SecretStr(mongodb_url),
        public_url="http://localhost:8000",
        gateway_url="ws://localhost:8001",
    )


@pytest.fixture
async def house(settings: Settings) -> AsyncIterator[House]:
    async with a_house(settings) as house:
        yield house


@pytest.fixture(autouse=True)
def first_messages_may_come_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs write faster than people; the rule itself has its own tests."""
    monkeypatch.setattr(verdict, "FIRST_MESSAGE_MS", 0)
