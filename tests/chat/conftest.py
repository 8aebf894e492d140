"""The stores of one test, with their rules, or what stands in where a rule is looked at alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from config.settings import Settings
from gateway.bootstrap import open_stores
from storage.keyring.file import create_ring
from tests.chat.house import House
from tests.chat.sealing.keys import KeptKeys
from tests.clock import ManualClock


@pytest.fixture
async def house(tmp_path: Path, redis_url: str, mongodb_url: str) -> AsyncIterator[House]:
    """A workspace on empty stores."""
    settings = Settings(
        data_dir=tmp_path,
        redis_url=SecretStr(redis_url),
        mongodb_url=SecretStr(mongodb_url),
        public_url="http://localhost:8000",
        gateway_url="ws://localhost:8001",
    )
    create_ring(settings.keyring)
    async with open_stores(settings) as stores:
        yield House(stores)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def kept() -> KeptKeys:
    return KeptKeys()
