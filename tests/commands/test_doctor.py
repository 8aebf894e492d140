"""``aican doctor``: one line a check, a remedy for what is wrong, and an exit code that a script can use."""

from __future__ import annotations

import json
import socket

import pytest

from storage.keyring.file import create_ring
from tests.commands.running import Install, alive

pytestmark = pytest.mark.processes


def findings(install: Install) -> dict[str, tuple[bool, str]]:
    """What ``aican doctor --json`` found: check → (ok, found and remedy)."""
    said = install.run("doctor", "--json").stdout
    return {each["check"]: (each["ok"], f"{each['found']} {each['remedy']}") for each in json.loads(said)}


def test_on_a_sound_installation_every_line_is_ticked(install: Install) -> None:
    create_ring(install.data_dir / "keyring.json")
    done = install.run("doctor")
    lines = done.stdout.splitlines()
    # Whether the front end is built depends on the checkout that the tests run in; all else must be well.
    wrong = [line for line in lines if not line.startswith("✓") and "front end" not in line]
    assert not wrong, done.stdout + done.stderr
    assert done.returncode == (0 if all(line.startswith("✓") for line in lines) else 1)


def test_it_prints_versions_and_round_trip_times_of_both_stores(install: Install) -> None:
    found = findings(install)
    for store, name in (("Redis", "Valkey"), ("MongoDB", "MongoDB")):
        ok, text = found[store]
        assert ok, text
        assert text.startswith(name)
        assert "round trip" in text
        assert " ms" in text


def test_stores_that_it_started_for_the_check_are_gone_afterwards(install: Install) -> None:
    assert "started for this check" in findings(install)["Redis"][1]
    assert not [pid for pid in install.pids() if alive(pid)]


def test_beside_a_running_aican_it_asks_the_running_stores_and_sees_whose_ports_those_are(install: Install) -> None:
    up = install.running()
    found = findings(install)
    assert "started for this check" not in found["Redis"][1]
    assert found["web port"] == (True, f"{install.web_port}: Aican answers there and is ready ")
    assert up.process.poll() is None


def test_a_missing_key_ring_is_told_with_its_remedy(install: Install) -> None:
    ok, text = findings(install)["key ring"]
    assert not ok
    assert "no key ring" in text
    assert "aican up" in text


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


def test_an_unknown_setting_is_told_and_what_depends_on_settings_is_left_out(install: Install) -> None:
    install.more = {"WEBPORT": 8000}
    found = findings(install)
    assert found["settings"] == (
        False,
        "AICAN_WEBPORT (in the environment) is not a setting. Did you mean AICAN_WEB_PORT?",
    )
    assert "Redis" not in found


def test_an_unwritable_data_directory_is_told(install: Install) -> None:
    (install.home / "a file").touch()
    install.data_dir = install.home / "a file" / "data"
    ok, text = findings(install)["data directory"]
    assert not ok
    assert "AICAN_DATA_DIR" in text


def test_where_utf_8_will_not_do_it_speaks_ascii(install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    said = install.run("doctor").stdout
    assert said.isascii()
    assert said.startswith("+ Python")
