"""The client against a server that is a script."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from gateway.client import line as line_module
from tests.gateway.client.script import Script
from tests.ports import free_port


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
async def url(script: Script) -> AsyncIterator[str]:
    async with script.running(free_port()) as url:
        yield url


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reconnects within a tenth of a second: that they wait longer in life has its own test."""
    monkeypatch.setattr(line_module, "FIRST_WAIT_S", 0.05)
    monkeypatch.setattr(line_module, "LONGEST_WAIT_S", 0.1)
