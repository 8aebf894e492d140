"""``aican gateway --processes N``: several on one port; one that crashes is started again; a stop stops them all."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from config.local import running_stores
from config.local.stores import StoreUrls
from storage.keyring.file import create_ring
from tests.commands.eventually import eventually
from tests.commands.running import AICAN, alive, clean_environment
from tests.ports import free_port

pytestmark = pytest.mark.processes

COUNT = 2


@dataclass(frozen=True)
class Ground:
    """Stores, and the key ring that their data is for."""

    urls: StoreUrls
    keyring: Path


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    home = tmp_path_factory.mktemp("stores")
    create_ring(home / "keyring.json")
    with running_stores(home) as urls:
        yield Ground(urls, home / "keyring.json")


@contextmanager
def gateways(ground: Ground, home: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """The parent of two gateways on this port."""
    settings = {
        "GATEWAY_PORT": port,
        "GATEWAY_PROCESSES": COUNT,
        "DATA_DIR": home,
        "KEYRING": ground.keyring,
        "MONGODB_URL": ground.urls.mongodb_url,
        "REDIS_URL": ground.urls.redis_url,
    }
    with (
        (home / "log").open("ab") as log,
        subprocess.Popen(
            [AICAN, "gateway"], env=clean_environment(settings), cwd=home, stdout=log, stderr=log
        ) as parent,
    ):
        try:
            yield parent
        finally:
            parent.kill()


def children(parent: subprocess.Popen[bytes]) -> list[int]:
    """Its live children, by pid."""
    listed = Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text().split()
    return [int(pid) for pid in listed if alive(int(pid))]


def listening(port: int) -> int:
    """How many sockets listen on this port."""
    rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(1 for row in rows if row[3] == "0A" and int(row[1].rpartition(":")[2], 16) == port)


def ends(home: Path) -> list[tuple[str, int]]:
    """How the log tells of gateways that ended: level and code."""
    lines = [json.loads(line) for line in (home / "log").read_text().splitlines() if "is started again" in line]
    return [(line["level"], line["code"]) for line in lines]


def is_ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def test_two_gateways_share_a_port_one_that_crashes_comes_back_and_a_stop_ends_both(
    ground: Ground, tmp_path: Path
) -> None:
    port = free_port()
    with gateways(ground, tmp_path, port) as parent:
        eventually(lambda: listening(port) == COUNT and is_ready(port))
        first, second = children(parent)
        os.kill(first, signal.SIGKILL)
        eventually(lambda: listening(port) == COUNT and first not in children(parent))
        assert second in children(parent)
        running = children(parent)
        parent.terminate()
        assert parent.wait(40) == 0
        assert not any(alive(pid) for pid in running)


def test_one_that_is_stopped_in_order_is_replaced_and_is_no_error(ground: Ground, tmp_path: Path) -> None:
    port = free_port()
    with gateways(ground, tmp_path, port) as parent:
        eventually(lambda: listening(port) == COUNT and is_ready(port))
        first, second = children(parent)
        os.kill(first, signal.SIGTERM)
        eventually(lambda: listening(port) == COUNT and first not in children(parent))
        os.kill(second, signal.SIGKILL)
        eventually(lambda: len(ends(tmp_path)) == 2)
    assert ends(tmp_path) == [("info", 0), ("error", -signal.SIGKILL)]


def test_without_their_parent_the_gateways_end_too(ground: Ground, tmp_path: Path) -> None:
    port = free_port()
    with gateways(ground, tmp_path, port) as parent:
        eventually(lambda: listening(port) == COUNT)
        running = children(parent)
        parent.kill()
        eventually(lambda: not any(alive(pid) for pid in running))


def test_a_port_that_somebody_has_is_not_shared_with_them(ground: Ground, tmp_path: Path) -> None:
    port = free_port()
    with gateways(ground, tmp_path, port):
        eventually(lambda: listening(port) == COUNT)
        with gateways(ground, tmp_path, port) as late:
            assert late.wait(20) == 1
        assert listening(port) == COUNT
    assert f"port {port} is taken" in (tmp_path / "log").read_text()


def test_a_gateway_that_cannot_start_is_given_up_and_says_so(ground: Ground, tmp_path: Path) -> None:
    readable = tmp_path / "keyring.json"
    create_ring(readable)
    readable.chmod(0o644)
    with gateways(replace(ground, keyring=readable), tmp_path, free_port()) as parent:
        assert parent.wait(60) == 1
    assert "right after its start, again and again" in (tmp_path / "log").read_text()
