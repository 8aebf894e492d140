"""Whether the stores answer, which versions they are, and how long one round trip takes. Nothing is written."""

from __future__ import annotations

import asyncio
import shutil
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from chat.errors import OperatorError, Unavailable
from config.local import mongodb as local_mongodb
from config.local import redis as local_redis
from config.local.directories import socket_directory
from config.local.mongodb import engine
from config.local.stores import MONGODB, REDIS, LocalStore, running_stores
from config.settings import Settings
from config.unreachable import Store, reason, turned_away, unreachable
from gateway.commands.single import held

# Enough for a median that one slow answer does not move.
_ROUND_TRIPS = 15


def redis(settings: Settings) -> str:
    """Server, version and median round trip in ms. Raises :class:`OperatorError` when it cannot be used."""
    if settings.redis_url is not None or _runs(REDIS, settings.data_dir):
        return asyncio.run(_redis(settings))
    local_redis.server()
    return _tried(REDIS, settings, _redis)


def mongodb(settings: Settings) -> str:
    """Version and median round trip in ms. Raises :class:`OperatorError` when it cannot be used."""
    if settings.mongodb_url is not None or _runs(MONGODB, settings.data_dir):
        return asyncio.run(_mongodb(settings))
    _check_node()
    if not local_mongodb.present():
        return "not on this machine yet: `aican up` fetches and starts it"
    return _tried(MONGODB, settings, _mongodb)


def _check_node() -> None:
    if local_mongodb.needs_node():
        try:
            engine.node()
        except OperatorError:
            raise OperatorError("cannot start without Node.", "Mend that first: its line says how.") from None


def _runs(store: LocalStore, data_dir: Path) -> bool:
    """Whether the local store of ``data_dir`` answers. Raises OperatorError when it runs and does not."""
    if store.answers(data_dir):
        return True
    lock = data_dir / "run" / f"{store.name}.lock"
    if held(lock):
        raise OperatorError(
            f"process {lock.read_text().strip()} runs it, but it does not answer.",
            f"Give it a moment; then see its log, {data_dir / 'log' / f'{store.name}.log'}.",
        )
    return False


def _tried(store: LocalStore, settings: Settings, ask: Callable[[Settings], Coroutine[Any, Any, str]]) -> str:
    """What a store that does not run says in a trial, in a directory that is gone afterwards."""
    with _scratch() as directory:
        try:
            with running_stores(directory, lambda line: None, stores=(store,)):
                found = asyncio.run(ask(settings.model_copy(update={"data_dir": directory})))
        except OperatorError as error:
            raise OperatorError(f"in a trial {error.problem}", "`aican up` keeps its log.") from None
    return f"{found} in a trial; `aican up` starts it on your data"


@contextmanager
def _scratch() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="aican-doctor-", ignore_cleanup_errors=True) as name:
        directory = Path(name)
        try:
            yield directory
        finally:
            # A long path for temporary files has its sockets elsewhere.
            shutil.rmtree(socket_directory(directory), ignore_errors=True)


async def _redis(settings: Settings) -> str:
    from gateway.bootstrap.connections import connected
    from storage.redis import Turn, connect

    servers = connected(settings, "redis", connect)
    async with _usable(settings, "redis"), Turn(servers) as turn:
        await turn.check()
        return f"{await turn.about()}, {await _round_trip(turn.ping)}"


async def _mongodb(settings: Settings) -> str:
    from gateway.bootstrap.connections import connected
    from storage.mongo.client import close, connect, ping
    from storage.mongo.workspaces import MongoWorkspaces

    database = connected(settings, "mongodb", connect)
    try:
        async with _usable(settings, "mongodb"):
            await ping(database)
            await MongoWorkspaces(database).first()  # who may ping may yet not be let in
            version = (await database.command("buildInfo"))["version"]
            return f"MongoDB {version}, {await _round_trip(partial(ping, database))}"
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
    """Any failure in the block is the store's: not there, wrong password, another kind of server."""
    try:
        yield
    except Unavailable as error:
        raise unreachable(settings, store, reason(error)) from None
    except Exception as error:
        raise turned_away(settings, store, reason(error)) from None
