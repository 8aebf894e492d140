"""The local stores: real servers on private sockets that end with who started them and keep what they acknowledged."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from threading import Thread

import pytest
import redis
from pymongo import MongoClient, WriteConcern
from pymongo.collection import Collection
from pymongo.errors import PyMongoError

import config.local.mongodb
import config.local.redis
from config.local import running_stores
from config.local.answers import mongodb_answers
from config.local.directories import socket_directory
from tests.commands.eventually import eventually
from tests.commands.running import alive, started

pytestmark = pytest.mark.processes


def pid(directory: Path, store: str) -> int:
    return int((directory / "run" / f"{store}.lock").read_text())


@contextmanager
def clients(directory: Path) -> Iterator[tuple[redis.Redis, Collection[dict[str, object]]]]:
    """A client of Redis, and a collection whose writes are acknowledged when they are in the journal."""
    with (
        redis.Redis.from_url(config.local.redis.url(directory)) as client,
        MongoClient[dict[str, object]](
            config.local.mongodb.url(directory), serverSelectionTimeoutMS=2000, retryWrites=False
        ) as database,
    ):
        journaled = WriteConcern(w=1, j=True)
        yield client, database.test.get_collection("sentences", write_concern=journaled)


def test_both_answer_and_are_gone_afterwards(tmp_path: Path) -> None:
    with running_stores(tmp_path, lambda line: None) as urls:
        with redis.Redis.from_url(urls.redis_url) as client:
            assert client.ping()
        with MongoClient[dict[str, object]](urls.mongodb_url) as database:
            assert database.admin.command("ping")["ok"] == 1
        pids = [pid(tmp_path, "redis"), pid(tmp_path, "mongodb")]
    assert not [each for each in pids if alive(each)]


def test_neither_listens_on_tcp(tmp_path: Path) -> None:
    with running_stores(tmp_path, lambda line: None):
        ours = set()
        for store in ("redis", "mongodb"):
            for handle in Path(f"/proc/{pid(tmp_path, store)}/fd").iterdir():
                with suppress(FileNotFoundError):  # closed since it was listed
                    ours.add(os.readlink(handle))
        rows = [
            row.split() for table in ("tcp", "tcp6") for row in Path("/proc/net", table).read_text().splitlines()[1:]
        ]
        assert not [row for row in rows if f"socket:[{row[9]}]" in ours]


def test_the_sockets_are_for_this_user_only(tmp_path: Path) -> None:
    with running_stores(tmp_path, lambda line: None):
        assert socket_directory(tmp_path).stat().st_mode & 0o777 == 0o700


def test_mongodb_killed_under_load_again_and_again_keeps_every_acknowledged_document(tmp_path: Path) -> None:
    mongodb_alone = tmp_path / "data"
    acknowledged: set[int] = set()
    numbers = count()
    for _ in range(12):
        with running_mongodb(mongodb_alone) as process:
            target = len(acknowledged) + 300
            senders = [Thread(target=send, args=(mongodb_alone, numbers, acknowledged)) for _ in range(3)]
            for sender in senders:
                sender.start()
            eventually(lambda target=target: len(acknowledged) >= target)
            process.kill()
            for sender in senders:
                sender.join()
    with running_mongodb(mongodb_alone), clients(mongodb_alone) as (_, sentences):
        kept = {each["_id"] for each in sentences.find({}, {"_id": 1})}
    assert not acknowledged - kept


def send(directory: Path, numbers: Iterator[int], acknowledged: set[int]) -> None:
    """Insert groups of documents until the server is gone; note what it acknowledged."""
    with suppress(PyMongoError), clients(directory) as (_, sentences):
        while True:
            group = [next(numbers) for _ in range(20)]
            sentences.insert_many([{"_id": each} for each in group], ordered=False)
            acknowledged.update(group)


@contextmanager
def running_mongodb(directory: Path) -> Iterator[subprocess.Popen[str]]:
    """MongoDB by itself, ready; killed at the end of the block."""
    config.local.mongodb.prepare(directory, lambda line: None)
    with started(config.local.mongodb.command(directory)) as process:
        eventually(lambda: mongodb_answers(config.local.mongodb.socket_path(directory)))
        yield process


def test_what_was_acknowledged_is_there_after_kill_9_of_the_starter_and_of_both(tmp_path: Path) -> None:
    starter = (
        "import pathlib, sys, time; from config.local import running_stores\n"
        "with running_stores(pathlib.Path(sys.argv[1])): print('up', flush=True); time.sleep(600)"
    )
    with started([sys.executable, "-c", starter, str(tmp_path)]) as process:
        assert process.stdout
        assert process.stdout.readline() == "up\n"
        pids = [pid(tmp_path, "redis"), pid(tmp_path, "mongodb")]
        with clients(tmp_path) as (client, sentences):
            client.set("sentence", "kept")
            client.waitaof(1, 0, 2000)
            sentences.insert_one({"sentence": "kept"})
        for each in (*pids, process.pid):
            os.kill(each, signal.SIGKILL)
    eventually(lambda: not [each for each in pids if alive(each)])
    with running_stores(tmp_path, lambda line: None), clients(tmp_path) as (client, sentences):
        assert client.get("sentence") == b"kept"
        assert [each["sentence"] for each in sentences.find()] == ["kept"]
