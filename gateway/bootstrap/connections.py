"""Connections to both stores; what goes wrong on the way there is told to the operator."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

import structlog

from chat.errors import Unavailable
from config.settings import Settings
from config.unreachable import Store, reason, refused, turned_away, unreachable
from storage.mongo import client as mongo

log = structlog.get_logger()

PATIENCE_S = 30.0
"""How long a starting process waits for a store that restarts beside it."""
_LOOK_EVERY_S = 0.2

Ping = Callable[[], Awaitable[None]]
_Handle = TypeVar("_Handle")
_Answer = TypeVar("_Answer")


def connected(settings: Settings, store: Store, connect: Callable[[str], _Handle]) -> _Handle:
    """What ``connect`` makes of the store's address; nothing is sent yet.

    Raises OperatorError when the driver does not take the address.
    """
    address = settings.redis_address if store == "redis" else settings.mongodb_address
    try:
        return connect(address)
    except Exception as error:
        raise refused(settings, store, error) from error


async def answering(
    settings: Settings, store: Store, ask: Callable[[], Awaitable[_Answer]], patience_s: float
) -> _Answer:
    """What a store answers, asked until it does, which is said.

    Raises OperatorError when it does not within ``patience_s`` seconds, and at once when it does not take us.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + patience_s
    is_told = False
    while True:
        try:
            return await ask()
        except Unavailable as error:
            if loop.time() >= deadline:
                raise unreachable(settings, store, reason(error)) from error
            if not is_told:
                log.warning("waiting for a store", store=store, seconds=patience_s)
                is_told = True
        except Exception as error:
            raise turned_away(settings, store, reason(error)) from error
        await asyncio.sleep(_LOOK_EVERY_S)


async def answer_of_mongodb(
    settings: Settings, ask: Callable[[mongo.Database], Awaitable[_Answer]], patience_s: float
) -> _Answer:
    """What the database answers, asked as ``answering`` does, on a connection of its own. Raises OperatorError."""
    database = connected(settings, "mongodb", mongo.connect)
    try:
        return await answering(settings, "mongodb", partial(ask, database), patience_s)
    finally:
        mongo.close(database)
