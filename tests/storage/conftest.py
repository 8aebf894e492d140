"""The adapters on the real stores, on the event loop that production runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
import uvloop

from storage import mongo


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "stores" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.stores)


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"uvloop": uvloop.new_event_loop}


@pytest.fixture
async def database(mongodb_url: str) -> AsyncIterator[mongo.Database]:
    database = mongo.connect(mongodb_url)
    await mongo.ensure_indexes(database)
    yield database
    mongo.close(database)
