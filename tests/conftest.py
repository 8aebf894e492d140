"""The real stores, once for a session; each test gets an empty Redis and a MongoDB database of its own."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import redis
from hypothesis import settings
from pymongo import MongoClient

from config.local.stores import StoreUrls, running_stores

# Properties are about values. On a busy machine a deadline would fail a true one.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreUrls]:
    """A Redis and a MongoDB on sockets of their own."""
    directory: Path = tmp_path_factory.mktemp("stores")
    with running_stores(directory) as urls:
        yield urls


@pytest.fixture
def redis_url(stores: StoreUrls) -> str:
    """Redis without any key, and without any script in its memory."""
    with redis.Redis.from_url(stores.redis_url) as client:
        client.flushall()
        client.script_flush()
    return stores.redis_url


@pytest.fixture
def mongodb_url(stores: StoreUrls) -> Iterator[str]:
    """MongoDB with a new database's name in the address; the database is dropped in the end."""
    name = f"test_{secrets.token_hex(6)}"
    parts = urlsplit(stores.mongodb_url)
    yield parts._replace(path=f"/{name}").geturl()
    with MongoClient[dict[str, object]](stores.mongodb_url) as client:
        client.drop_database(name)
