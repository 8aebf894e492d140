"""``aican doctor``: one line a check, a remedy for what is wrong, and an exit code that a script can use."""

from __future__ import annotations

import fcntl
import json
import os
import re
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from chat.errors import OperatorError
from config.local import running_stores
from gateway.commands import place_checks
from storage.keyring.file import create_ring
from tests.commands.running import Install

pytestmark = pytest.mark.processes


def findings(install: Install) -> dict[str, tuple[bool, str]]:
    """What ``aican doctor --json`` found: check → (ok, found and remedy)."""
    said = install.run("doctor", "--json").stdout
    return {each["check"]: (each["ok"], f"{each['found']} {each['remedy']}") for each in json.loads(said)}


def tree(install: Install) -> list[str]:
    """Everything in the home of an install: a diagnosis changes nothing of it."""
    return sorted(f"{path.relative_to(install.home)} {path.lstat().st_mtime_ns}" for path in install.home.rglob("*"))


def wrong(said: str) -> list[str]:
    """The lines that tell of something to mend. Whether the front end is built depends on the checkout."""
    return [line for line in said.splitlines() if not line.startswith("✓") and "front end" not in line]


def test_before_the_first_start_all_is_well_and_nothing_is_made(install: Install) -> None:
    before = tree(install)
    done = install.run("doctor")
    assert not wrong(done.stdout), done.stdout + done.stderr
    assert done.returncode == (0 if "✗" not in done.stdout else 1)
    assert f"✓ data directory {install.data_dir}, not there yet: the first start makes it" in done.stdout
    assert f"✓ key ring       {install.data_dir}/keyring.json, not there yet: the first start makes it" in done.stdout
    assert tree(install) == before


def test_stores_that_do_not_run_are_tried_elsewhere_with_their_versions_and_round_trip_times(
    install: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    found = findings(install)
    for store, name in (("Redis", "Valkey"), ("MongoDB", "MongoDB")):
        ok, text = found[store]
        assert ok, text
        assert re.fullmatch(
            rf"{name} [\d.]+\S*, round trip \d+\.\d\d ms in a trial; `aican up` starts it on your data ", text
        )
    assert not list(scratch.iterdir())
    assert not install.data_dir.exists()


def test_beside_a_running_store_its_version_and_round_trip_time_are_told(install: Install) -> None:
    with running_stores(install.data_dir, lambda line: None):
        found = findings(install)
    for store, name in (("Redis", "Valkey"), ("MongoDB", "MongoDB")):
        assert found[store][0]
        assert re.fullmatch(rf"{name} [\d.]+\S*, round trip \d+\.\d\d ms ", found[store][1])


def test_a_store_that_runs_and_does_not_answer_is_told(install: Install) -> None:
    run = install.data_dir / "run"
    run.mkdir(parents=True)
    lock = run / "redis.lock"
    lock.write_text("4711\n")
    with lock.open() as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        ok, text = findings(install)["Redis"]
    assert not ok
    assert text.startswith("process 4711 runs it, but it does not answer.")
    assert f"{install.data_dir}/log/redis.log" in text


def test_beside_a_running_aican_it_asks_the_running_stores_and_sees_whose_ports_those_are(install: Install) -> None:
    up = install.running()
    found = findings(install)
    assert "in a trial" not in found["Redis"][1]
    assert found["web port"] == (True, f"{install.web_port}: Aican answers there and is ready ")
    assert up.process.poll() is None


def test_a_key_ring_that_is_missing_beside_a_database_is_told_with_its_remedy(install: Install) -> None:
    (install.data_dir / "mongodb").mkdir(parents=True)
    (install.data_dir / "mongodb" / "WiredTiger").touch()
    ok, text = findings(install)["key ring"]
    assert not ok
    assert "no key ring" in text
    assert "Restore the key ring from your backup" in text


def test_a_key_ring_that_was_lost_is_told_while_the_database_runs(install: Install) -> None:
    install.running()
    (install.data_dir / "keyring.json").unlink()
    ok, text = findings(install)["key ring"]
    assert not ok
    assert "the database holds sealed records. Restore the key ring" in text


def test_a_key_ring_that_others_can_read_is_told_with_its_remedy(install: Install) -> None:
    ring = install.data_dir / "keyring.json"
    create_ring(ring)
    ring.chmod(0o644)
    ok, text = findings(install)["key ring"]
    assert not ok
    assert f"chmod 600 {ring}" in text


def test_a_damaged_key_ring_is_told(install: Install) -> None:
    ring = install.data_dir / "keyring.json"
    create_ring(ring)
    ring.write_bytes(ring.read_bytes()[:-20])
    ok, text = findings(install)["key ring"]
    assert not ok
    assert "damaged" in text


def test_a_taken_port_is_told_with_who_has_it(install: Install) -> None:
    with socket.create_server(("127.0.0.1", install.web_port)):
        ok, text = findings(install)["web port"]
    assert not ok
    assert "is taken by" in text
    assert "AICAN_WEB_PORT" in text


def test_stores_that_cannot_be_reached_are_told_without_their_passwords(install: Install) -> None:
    install.more = {
        "REDIS_URL": "redis://aican:wonderful-secret@127.0.0.1:1/0",
        "MONGODB_URL": "mongodb://aican:wonderful-secret@127.0.0.1:1/aican",
    }
    done = install.run("doctor")
    assert done.returncode == 1
    assert "✗ Redis          cannot reach Redis at 127.0.0.1:1" in done.stdout
    assert "✗ MongoDB        cannot reach MongoDB at 127.0.0.1:1" in done.stdout
    assert "AICAN_MONGODB_URL" in done.stdout
    assert "wonderful-secret" not in done.stdout + done.stderr


def test_each_wrong_setting_has_a_line_and_so_has_every_check(install: Install) -> None:
    sound = [each["check"] for each in json.loads(install.run("doctor", "--json").stdout)]
    install.more = {"WEBPORT": 8000, "WEB_PORT": "eighty", "LOG_LEVEL": "loud", "REDIS_URL": "http://cache"}
    done = install.run("doctor", "--json")
    assert done.returncode == 1
    found = [(each["check"], each["ok"], f"{each['found']} {each['remedy']}") for each in json.loads(done.stdout)]
    settings = [text for check, ok, text in found if check == "settings" and not ok]
    assert [text.split()[0] for text in settings] == [
        "AICAN_WEBPORT", "AICAN_WEB_PORT", "AICAN_REDIS_URL", "AICAN_LOG_LEVEL"
    ]  # fmt: skip
    assert settings[0] == "AICAN_WEBPORT (in the environment) is not a setting. Did you mean AICAN_WEB_PORT?"
    assert [check for check, *_ in found if check != "settings"] == [each for each in sound if each != "settings"]
    assert ("web port", False, "was not checked. Correct AICAN_WEB_PORT first.") in found
    assert ("Redis", False, "was not checked. Correct AICAN_REDIS_URL first.") in found
    assert {check for check, ok, _ in found if ok} >= {"data directory", "key ring", "gateway port", "MongoDB"}


def test_a_data_directory_that_cannot_be_made_is_told_and_nothing_is_made_for_it(install: Install) -> None:
    (install.home / "a file").touch()
    install.data_dir = install.home / "a file" / "data"
    before = tree(install)
    ok, text = findings(install)["data directory"]
    assert not ok
    assert f"{install.home / 'a file'} is a file" in text
    assert "AICAN_DATA_DIR" in text
    assert tree(install) == before


def test_a_data_directory_that_this_user_may_not_write_to_is_told() -> None:
    told = as_ordinary_user(lambda: place_checks.data_dir(Path("/aican-data")))
    assert told == "cannot write to /. Make it writable for this user, or set AICAN_DATA_DIR to another place."


def as_ordinary_user(check: Callable[[], str]) -> str:
    """What the check says in a process without root's rights, which a container's only user has."""
    reading, writing = os.pipe()
    if os.fork() == 0:
        try:
            if os.geteuid() == 0:
                os.setuid(65534)
            os.write(writing, check().encode())
        except OperatorError as error:
            os.write(writing, str(error).encode())
        finally:
            os._exit(0)
    os.wait()
    os.close(writing)
    with open(reading) as told:
        return told.read()


def test_a_host_that_is_no_name_costs_no_other_line(install: Install) -> None:
    install.more = {"GATEWAY_HOST": "a..b"}
    found = findings(install)
    assert found["gateway port"] == (
        False,
        "cannot listen on a..b: it is no name of a host. Set AICAN_GATEWAY_HOST to an address of this machine.",
    )
    assert found["MongoDB"][0]


def test_without_node_it_is_told_once_and_the_rest_is_checked(
    install: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = findings(install)
    assert found["Node"] == (
        False,
        "the local MongoDB needs Node, and there is no `node` on PATH. Install Node ≥ 20, "
        "or install MongoDB's mongod, or set AICAN_MONGODB_URL to a server of yours.",
    )
    assert found["MongoDB"] == (False, "cannot start without Node. Mend that first: its line says how.")
    assert found["Redis"][0]


def test_where_utf_8_will_not_do_it_speaks_ascii(install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    said = install.run("doctor").stdout
    assert said.isascii()
    assert said.startswith("+ Python")
