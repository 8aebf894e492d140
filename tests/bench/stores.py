"""The stores that every system of a run shares: the product's own local Redis and MongoDB."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from config.local.stores import running_stores
from tests.bench import cpu


@dataclass(frozen=True, slots=True)
class SharedStores:
    """Addresses, a directory for this run, and which processes they are."""

    directory: Path
    redis_url: str
    mongodb_url: str
    redis_pids: tuple[int, ...] = ()
    mongodb_pids: tuple[int, ...] = ()
    run: str = field(default_factory=lambda: secrets.token_hex(4))

    def database(self, name: str) -> str:
        """The MongoDB address with a system's own database of this run in it."""
        return urlsplit(self.mongodb_url)._replace(path=f"/bench_{name}_{self.run}").geturl()


@contextmanager
def shared_stores() -> Iterator[SharedStores]:
    """Both stores, empty, in a new directory that is removed in the end."""
    with tempfile.TemporaryDirectory(prefix="aican-bench-", ignore_cleanup_errors=True) as directory:
        before = set(cpu.family(os.getpid()))
        with running_stores(Path(directory) / "stores") as urls:
            started = [pid for pid in cpu.family(os.getpid()) if pid not in before]
            redis = tuple(pid for pid in started if "valkey" in cpu.command(pid) or "redis" in cpu.command(pid))
            mongodb = tuple(pid for pid in started if pid not in redis)
            yield SharedStores(Path(directory), urls.redis_url, urls.mongodb_url, redis, mongodb)
