"""Whether the stores answer, which versions they are, and how long one round trip takes."""

from __future__ import annotations

import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from chat.errors import OperatorError
from config.settings import Settings
from config.unreachable import Store, unreachable

# Enough for a median that one slow answer does not move.
_ROUND_TRIPS = 15


async def redis(settings: Settings) -> str:
    """Server, version and median round trip. Raises :class:`OperatorError` when it cannot be used."""
    from storage.redis.client import connect, ping

    async with _usable(settings, "redis"):
        client = connect(settings.redis_address)
        try:
            await ping(client)
            told = await client.info("server")
            name = told.get("server_name", "redis")
            version = told.get(f"{name}_version", told["redis_version"])
            return f"{name.capitalize()} {version}, {await _round_trip(lambda: ping(client))}"
        finally:
            await client.aclose()


async def mongodb(settings: Settings) -> str:
    """Version and median round trip. Raises :class:`OperatorError` when it cannot be used."""
    from storage.mongo.client import close, connect, ping

    async with _usable(settings, "mongodb"):
        database = connect(settings.mongodb_address)
        try:
            await ping(database)
            version = (await database.command("buildInfo"))["version"]
            return f"MongoDB {version}, {await _round_trip(lambda: ping(database))}"
        finally:
            close(database)


async def _round_trip(ping: Callable[[], Awaitable[None]]) -> str:
    times = []
    for _ in range(_ROUND_TRIPS):
        began = time.perf_counter()
        await ping()
        times.append(time.perf_counter() - began)
    return f"round trip {statistics.median(times) * 1000:.2f} ms"


@asynccontextmanager
async def _usable(settings: Settings, store: Store) -> AsyncIterator[None]:
    """Any failure in the block is the store's: not there, wrong password, another kind of server, a refused URL."""
    try:
        yield
    except OperatorError:
        raise
    except Exception as error:
        cause = error.__cause__ or error
        # The first sentence: drivers go on with the state of every socket they tried.
        reason = str(cause).split(" (configured timeouts", 1)[0].split(", Timeout:", 1)[0] or type(cause).__name__
        raise unreachable(settings, store, reason) from None
