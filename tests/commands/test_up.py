"""``aican up``: one command runs everything, and nothing it started outlives it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
from pathlib import Path
from urllib.request import urlopen

import pytest
import redis
from pymongo import MongoClient, WriteConcern

from tests.commands.eventually import eventually
from tests.commands.running import Install, alive

pytestmark = pytest.mark.processes


def write_down(install: Install, sentence: str) -> None:
    with redis.Redis.from_url(install.redis_url) as client:
        client.rpush("sentences", sentence)
        client.waitaof(1, 0, 2000)
    with MongoClient[dict[str, object]](install.mongodb_url) as database:
        # As the product writes: acknowledged means journaled.
        acknowledged = WriteConcern(w=1, j=True)
        database.test.get_collection("sentences", write_concern=acknowledged).insert_one({"sentence": sentence})


def written(install: Install) -> tuple[list[str], list[object]]:
    with redis.Redis.from_url(install.redis_url, decode_responses=True) as client:
        in_redis = client.lrange("sentences", 0, -1)
    with MongoClient[dict[str, object]](install.mongodb_url) as database:
        in_mongodb = [each["sentence"] for each in database.test.get_collection("sentences").find().sort("_id")]
    assert isinstance(in_redis, list)
    return in_redis, in_mongodb


def test_it_ends_its_start_by_saying_where_everything_is(install: Install) -> None:
    up = install.running()
    assert f"http://localhost:{install.web_port}/demo" in up.said
    assert f"http://localhost:{install.web_port}/console" in up.said
    assert "one-time link" in up.said
    assert str(install.data_dir) in up.said
    assert "Ctrl-C" in up.said
    assert "\x1b" not in up.said, "no colours in a file"
    with urlopen(f"http://127.0.0.1:{install.web_port}/readyz") as answer:
        assert answer.status == 200


def test_ctrl_c_stops_every_child_servers_before_stores(install: Install) -> None:
    up = install.running()
    children = install.pids()
    assert len(children) == 7, "up, supervisord, web, gateway, jobs, redis, mongodb"
    assert up.ctrl_c() == 0
    assert not [pid for pid in children if alive(pid)]
    assert "Stopped. The data is in" in up.said
    # The terminal's SIGINT reaches nobody but `aican up`; the servers were asked once, while the stores still answered.
    assert install.diary.read_text().splitlines() == ["SIGTERM store=there"] * 2


def test_pressing_ctrl_c_twice_stops_as_cleanly_as_once(install: Install) -> None:
    up = install.running()
    children = install.pids()
    os.killpg(up.process.pid, signal.SIGINT)
    assert up.ctrl_c() == 0
    assert not [pid for pid in children if alive(pid)]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_service_manager_or_a_closed_terminal_stops_it_as_ctrl_c_does(
    install: Install, number: signal.Signals
) -> None:
    up = install.running()
    children = install.pids()
    up.process.send_signal(number)
    assert up.process.wait(60) == 0
    assert not [pid for pid in children if alive(pid)]


@pytest.mark.parametrize("victims", [["up"], ["up", "supervisord"], ["redis", "mongodb", "up", "supervisord"]])
def test_after_kill_9_the_next_start_works_at_once_and_the_data_is_there(install: Install, victims: list[str]) -> None:
    install.running()
    children = install.pids()
    write_down(install, "before the kill")
    for name in victims:
        os.kill(install.pid(name), signal.SIGKILL)
    install.running()
    assert not [pid for pid in children if alive(pid)], "nothing of the first run is left beside the second"
    write_down(install, "after the kill")
    assert written(install) == (["before the kill", "after the kill"], ["before the kill", "after the kill"])


def test_without_its_process_manager_it_ends_and_so_does_everything_else(install: Install) -> None:
    up = install.running()
    children = install.pids()
    os.kill(install.pid("supervisord"), signal.SIGKILL)
    assert "aican: the process manager ended" in up.refused()
    install.running()
    assert not [pid for pid in children if alive(pid)]


def test_nothing_survives_the_killed_parent_even_without_another_start(install: Install) -> None:
    install.running()
    children = install.pids()
    os.kill(install.pid("up"), signal.SIGKILL)
    eventually(lambda: not [pid for pid in children if alive(pid)], within_s=40)


def test_a_second_one_on_the_same_data_is_refused_in_one_line_that_names_the_first(install: Install) -> None:
    first = install.running()
    said = install.up().refused()
    assert said.count("\n") == 1
    assert f"already runs on {install.data_dir} (process {first.process.pid})" in said
    assert f"kill {first.process.pid}" in said
    assert first.process.poll() is None


def test_a_start_while_the_last_run_is_still_stopping_waits_for_it(install: Install) -> None:
    first = install.running()
    first.process.terminate()
    eventually(lambda: "Stopping" in first.said)
    install.running()
    assert first.process.wait(60) == 0


def test_a_crashed_child_is_started_again_and_a_line_says_so(install: Install) -> None:
    up = install.running()
    before = install.pid("web")
    os.kill(before, signal.SIGKILL)
    eventually(lambda: "web ended and was started again" in up.said)
    eventually(lambda: install.pid("web") != before and alive(install.pid("web")))


@pytest.mark.parametrize("store", ["redis", "mongodb"])
def test_a_crashed_store_comes_back_with_what_was_acknowledged(install: Install, store: str) -> None:
    up = install.running()
    write_down(install, "acknowledged")
    os.kill(install.pid(store), signal.SIGKILL)
    eventually(lambda: f"{store} ended and was started again" in up.said)
    eventually(lambda: socket_answers(install.sockets / f"{store}.sock"))
    assert written(install) == (["acknowledged"], ["acknowledged"])


def socket_answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as line:
        return line.connect_ex(str(path)) == 0


def test_a_child_that_crashes_again_and_again_ends_it_with_the_tail_of_the_log(install: Install) -> None:
    said = install.up(jobs="sh -c 'echo the reason it died; exit 3'").refused()
    assert "the reason it died" in said
    assert "aican: jobs ends again and again." in said
    assert str(install.data_dir / "log" / "jobs.log") in said
    assert not [pid for pid in install.pids() if alive(pid)]


def test_a_taken_port_is_named_with_who_has_it_and_the_setting_that_moves_it(install: Install) -> None:
    with socket.create_server(("127.0.0.1", install.gateway_port)):
        said = install.up().refused()
    assert said.count("\n") == 1
    assert f"port {install.gateway_port} is taken by" in said
    assert f"(process {os.getpid()})" in said
    assert "AICAN_GATEWAY_PORT" in said


def test_a_data_directory_that_cannot_be_made_is_one_line_with_the_remedy(install: Install) -> None:
    (install.home / "a file").touch()
    install.data_dir = install.home / "a file" / "data"
    said = install.up().refused()
    assert said.count("\n") == 1
    assert f"cannot be the data directory: {install.home / 'a file'} is a file." in said
    assert "AICAN_DATA_DIR" in said


def test_a_data_directory_too_deep_for_sockets_keeps_them_in_a_short_private_place(install: Install) -> None:
    install.data_dir = install.home / ("deep" * 30) / "data"
    try:
        install.running()
        assert install.sockets.stat().st_mode & 0o777 == 0o700
        write_down(install, "from the deep")
        assert written(install) == (["from the deep"], ["from the deep"])
    finally:
        install.end()
        shutil.rmtree(install.sockets, ignore_errors=True)


def test_a_program_that_is_not_there_is_named_before_anything_starts(install: Install) -> None:
    said = install.up(jobs="no-such-program --now").refused()
    assert "there is no program 'no-such-program'" in said
    assert "Starting" not in said


def test_stores_with_an_address_are_not_started(install: Install) -> None:
    other = Install(install.home / "other", install.home / "other" / "data")
    other.home.mkdir()
    try:
        other.running()
        install.more = {
            "REDIS_URL": other.redis_url,
            "MONGODB_URL": other.mongodb_url,
            "KEYRING": other.data_dir / "keyring.json",
        }
        up = install.running()
        assert "Starting web, gateway, jobs" in up.said
        locks = {path.stem for path in (install.data_dir / "run").glob("*.lock")}
        assert locks == {"up", "supervisord", "web", "gateway", "jobs"}
    finally:
        install.end()
        other.end()
