"""Every measure on the smallest scale, on real stores and two gateways: it runs, it is whole, and it notices a loss."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.local.stores import StoreUrls
from tests.bench.aican.system import Aican
from tests.bench.aican.wire import AicanWire
from tests.bench.children import Child
from tests.bench.errors import BenchError
from tests.bench.limits import allow_connections
from tests.bench.load import pairs as load
from tests.bench.load.wire import Meaning
from tests.bench.measures.fanout import FRAME_BYTES, fanout
from tests.bench.measures.idle import idle
from tests.bench.measures.pairs import closed_loop, open_loop
from tests.bench.measures.storm import storm
from tests.bench.scale import SMALLEST
from tests.bench.stores import SharedStores

pytestmark = pytest.mark.stores


@pytest.fixture(scope="module")
def aican(stores: StoreUrls, tmp_path_factory: pytest.TempPathFactory) -> Aican:
    directory: Path = tmp_path_factory.mktemp("bench")
    return Aican(SharedStores(directory, stores.redis_url, stores.mongodb_url))


@pytest.fixture(scope="module")
def servers(aican: Aican) -> Iterator[list[Child]]:
    with aican.serving(2) as servers:
        yield servers


def test_a_closed_loop_delivers_everything_it_sends(aican: Aican, servers: list[Child]) -> None:
    (size,) = SMALLEST.pairs
    figures = closed_loop(aican, servers, size, SMALLEST.pairs_window)
    assert figures["delivered"] >= size
    assert 0 < figures["p50_ms"] <= figures["p99_ms"] <= figures["max_ms"]
    assert 0 < figures["acknowledged_p50_ms"] <= figures["acknowledged_p99_ms"]
    assert set(figures["cpu_us_per_message"]) == {"servers", "server_0", "server_1", "redis", "mongodb", "generator"}
    json.dumps(figures)


def test_an_open_loop_keeps_its_rate(aican: Aican, servers: list[Child]) -> None:
    figures = open_loop(aican, servers, SMALLEST.open_pairs, SMALLEST.open_rate, SMALLEST.open_window)
    assert figures["delivered"] >= 0.5 * SMALLEST.open_rate * SMALLEST.open_window.count_s
    assert 0 < figures["p50_ms"] <= figures["p99_ms"]


def test_idle_connections_stay_and_are_counted(aican: Aican, servers: list[Child]) -> None:
    figures = idle(aican, servers[:1], SMALLEST.idle, SMALLEST.idle_window)
    assert figures["connections"] > SMALLEST.idle
    assert {"kib_per_connection", "cpu_us_per_s"} <= figures.keys()


def test_everybody_is_shown_what_the_agent_writes(aican: Aican, servers: list[Child]) -> None:
    figures = fanout(aican, servers, SMALLEST.followers, SMALLEST.fanout_window)
    assert figures["frame_bytes"] == FRAME_BYTES
    assert figures["deliveries_per_s"] > 0
    assert figures["cpu_us_per_delivery"] >= 0


def test_all_come_back_from_a_storm_with_what_was_written_meanwhile(aican: Aican, servers: list[Child]) -> None:
    figures = storm(aican, servers, SMALLEST.storm)
    assert figures["connections"] == SMALLEST.storm
    assert figures["written_meanwhile"] > 0
    assert figures["missed"] == 0
    assert figures["dials"] >= SMALLEST.storm
    assert figures["seconds"] > 0


class Deaf(AicanWire):
    """It overhears every fifth message."""

    def __init__(self) -> None:
        super().__init__()
        self._heard = 0

    def meaning(self, payload: bytes) -> Meaning:
        found = super().meaning(payload)
        if found is Meaning.MESSAGE:
            self._heard += 1
            return Meaning.NOTHING if self._heard % 5 == 0 else found
        return found


def test_a_message_that_does_not_arrive_makes_the_measure_void(
    aican: Aican, servers: list[Child], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load, "_LAST_S", 0.3)
    monkeypatch.setattr(aican, "wire", Deaf())
    (size,) = SMALLEST.pairs
    with pytest.raises(BenchError, match="messages lost"):
        closed_loop(aican, servers, size, SMALLEST.pairs_window)


def test_more_connections_than_the_system_allows_are_refused_by_name() -> None:
    with pytest.raises(BenchError, match="open files"):
        allow_connections(2**40)
