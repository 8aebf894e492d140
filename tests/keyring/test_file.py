"""The key ring's file: whole or refused with a remedy, its owner's alone, the same for everybody who opens it."""

from __future__ import annotations

import json
import os
import stat
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chat.errors import OperatorError, Tampered
from storage.keyring import file as module
from storage.keyring.file import create_ring, open_ring

KEY = bytes(range(32))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A ring's file."""
    path = tmp_path / "keyring.json"
    create_ring(path)
    return path


def content(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def write(path: Path, changed: Any) -> None:
    path.write_text(json.dumps(changed))


# --- what it does ----------------------------------------------------------------------------------------------------


def test_what_was_wrapped_unwraps_where_it_was_bound_and_nowhere_else(path: Path) -> None:
    ring = open_ring(path)
    wrapped = ring.wrap(KEY, bound=b"here")
    assert ring.unwrap(wrapped, bound=b"here") == KEY
    assert KEY not in wrapped
    with pytest.raises(Tampered):
        ring.unwrap(wrapped, bound=b"there")


def test_every_process_that_opens_it_has_the_same_ring(path: Path) -> None:
    one, other = open_ring(path), open_ring(path)
    assert other.unwrap(one.wrap(KEY, bound=b"here"), bound=b"here") == KEY
    assert one.derive("visitor-token/v1") == other.derive("visitor-token/v1")


def test_purposes_have_keys_of_their_own(path: Path, tmp_path: Path) -> None:
    ring = open_ring(path)
    create_ring(tmp_path / "another")
    derived = [ring.derive("a"), ring.derive("b"), ring.derive(""), open_ring(tmp_path / "another").derive("a")]
    assert len(set(derived)) == 4
    assert {len(key) for key in derived} == {32}


def test_the_known_answer_of_a_derived_key() -> None:
    """HKDF-SHA256 (RFC 5869), computed with HMAC alone. Tokens and indexes stand on it: another rule voids them all."""
    ring = module.FileKeyRing("k1", {}, bytes(range(32)))
    assert ring.derive("visitor-token/v1").hex() == "f8c56afdaf4f3a0a53990f6b5b7e8f4a20f2df30b5e59d227a5ed83dfbcb13bc"


def test_wrapping_twice_gives_two_blobs(path: Path) -> None:
    ring = open_ring(path)
    assert ring.wrap(KEY, bound=b"") != ring.wrap(KEY, bound=b"")


@pytest.mark.parametrize("place", range(63))
def test_a_wrapped_key_that_was_altered_anywhere_does_not_unwrap(path: Path, place: int) -> None:
    ring = open_ring(path)
    wrapped = bytearray(ring.wrap(KEY, bound=b"here"))
    wrapped[place] ^= 1
    with pytest.raises(Tampered):
        ring.unwrap(bytes(wrapped), bound=b"here")


@given(data=st.binary(max_size=80))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_random_bytes_do_not_unwrap(path: Path, data: bytes) -> None:
    with pytest.raises(Tampered):
        open_ring(path).unwrap(data, bound=b"")


def test_a_key_that_the_ring_does_not_hold_is_named_as_that(path: Path, tmp_path: Path) -> None:
    create_ring(tmp_path / "another")
    wrapped = open_ring(path).wrap(KEY, bound=b"here")
    with pytest.raises(Tampered, match="does not belong"):
        open_ring(tmp_path / "another").unwrap(wrapped, bound=b"here")
    with pytest.raises(Tampered, match="does not hold the key"):
        open_ring(path).unwrap(b"\x02k9" + wrapped[3:], bound=b"here")


def test_an_old_key_still_unwraps_after_another_became_active(path: Path) -> None:
    wrapped = open_ring(path).wrap(KEY, bound=b"here")
    rotated = content(path)
    rotated["keys"]["k2"] = module._encoded(bytes(range(32)))
    rotated["active"] = "k2"
    rotated["check"] = module._check(rotated)
    write(path, rotated)
    ring = open_ring(path)
    assert ring.unwrap(wrapped, bound=b"here") == KEY
    assert ring.wrap(KEY, bound=b"here")[:3] == b"\x02k2"


def test_nothing_secret_is_shown(path: Path) -> None:
    secrets = [content(path)["root"], *content(path)["keys"].values()]
    shown = repr(open_ring(path))
    assert not [secret for secret in secrets if secret in shown]


# --- made ------------------------------------------------------------------------------------------------------------


def test_only_its_owner_may_read_it_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        create_ring(tmp_path / "new" / "keyring.json")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new" / "keyring.json").stat().st_mode) == 0o600


def test_a_ring_that_is_there_is_never_replaced(path: Path) -> None:
    before = path.read_bytes()
    create_ring(path)
    assert path.read_bytes() == before
    path.write_text("damaged")
    create_ring(path)
    assert path.read_text() == "damaged"


def test_of_many_that_make_it_at_once_one_ring_stays_and_nothing_else(tmp_path: Path) -> None:
    path, ready, derived = tmp_path / "keyring.json", threading.Barrier(8), list[bytes]()

    def make() -> None:
        ready.wait()
        create_ring(path)
        derived.append(open_ring(path).derive("x"))

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(derived) == 8
    assert len(set(derived)) == 1
    assert list(tmp_path.iterdir()) == [path]


def test_a_ring_that_cannot_be_finished_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OperatorError, match="No space left on device") as caught:
        create_ring(tmp_path / "keyring.json")
    assert caught.value.remedy
    assert not list(tmp_path.iterdir())


def test_the_ring_and_then_its_name_are_on_the_disk_before_anybody_uses_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    fsync = os.fsync

    def noted(descriptor: int) -> None:
        is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        synced.append("folder" if is_folder and (tmp_path / "keyring.json").exists() else "file")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    create_ring(tmp_path / "keyring.json")
    assert synced == ["file", "folder"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OperatorError, match="Cannot write the key ring"):
        create_ring(tmp_path / "file" / "keyring.json")


# --- refused ---------------------------------------------------------------------------------------------------------


def test_a_missing_ring_is_named_with_where_it_should_be(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match=r"There is no key ring at .*/nowhere\.json\.") as caught:
        open_ring(tmp_path / "nowhere.json")
    assert "AICAN_KEYRING" in caught.value.remedy


def test_a_link_to_nothing_is_named_with_where_it_points(tmp_path: Path) -> None:
    link = tmp_path / "keyring.json"
    link.symlink_to("/media/not-mounted/keyring.json")
    with pytest.raises(OperatorError, match=r"is a link to /media/not-mounted/keyring\.json, where there is nothing"):
        open_ring(link)


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o644, 0o620, 0o601, 0o777])
def test_a_ring_that_others_can_touch_is_refused_with_the_command_that_mends_it(path: Path, mode: int) -> None:
    path.chmod(mode)
    with pytest.raises(OperatorError, match=f"mode {mode:04o}") as caught:
        open_ring(path)
    assert caught.value.remedy == f"Run: chmod 600 {path}"


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_ring_for_its_owner_alone_is_opened(path: Path, mode: int) -> None:
    path.chmod(mode)
    assert open_ring(path).active == "k1"


def test_a_ring_damaged_at_any_byte_is_refused(path: Path) -> None:
    """Every byte of the file, each with one bit flipped: high, low, or the one that makes another letter."""
    whole = path.read_bytes()
    for place in range(len(whole)):
        damaged = bytearray(whole)
        damaged[place] ^= (0x01, 0x80, 0x20)[place % 3]
        path.write_bytes(damaged)
        with pytest.raises(OperatorError) as caught:
            open_ring(path)
        assert "damaged" in caught.value.problem or "of version" in caught.value.problem
    path.write_bytes(whole)
    open_ring(path)


def test_a_ring_cut_short_anywhere_is_refused(path: Path) -> None:
    whole = path.read_bytes()
    for size in range(0, len(whole) - 1, 7):
        path.write_bytes(whole[:size])
        with pytest.raises(OperatorError, match="is damaged"):
            open_ring(path)


@pytest.mark.parametrize("name", ["version", "active", "keys", "root", "check"])
@pytest.mark.parametrize("value", [None, True, -1, "", "王", [], {}, {"k1": ""}, {"k1": None}], ids=repr)
def test_a_ring_with_another_value_anywhere_is_refused(path: Path, name: str, value: object) -> None:
    write(path, content(path) | {name: value})
    with pytest.raises(OperatorError):
        open_ring(path)


@pytest.mark.parametrize("name", ["version", "active", "keys", "root", "check"])
def test_a_ring_without_one_of_its_parts_is_damaged(path: Path, name: str) -> None:
    rest = content(path)
    del rest[name]
    write(path, rest)
    with pytest.raises(OperatorError, match="is damaged"):
        open_ring(path)


@pytest.mark.parametrize("text", ["[]", "null", "1", '"ring"', "{}", "", "not JSON", "[" * 100_000, "\ufeff{}"])
def test_what_is_no_ring_is_damaged(path: Path, text: str) -> None:
    path.write_text(text)
    with pytest.raises(OperatorError, match="is damaged") as caught:
        open_ring(path)
    assert "backup" in caught.value.remedy


def test_a_later_version_s_ring_is_named_as_that(path: Path) -> None:
    write(path, content(path) | {"version": 2})
    with pytest.raises(OperatorError, match="is of version 2") as caught:
        open_ring(path)
    assert "later" in caught.value.remedy


def test_a_file_in_the_place_of_its_folder_is_named_and_nobody_is_asked_for_rights(tmp_path: Path) -> None:
    (tmp_path / "var").touch()
    ring = tmp_path / "var" / "keyring.json"
    with pytest.raises(OperatorError) as caught:
        open_ring(ring)
    assert caught.value.problem == f"There is no key ring at {ring}: {tmp_path / 'var'} is a file."
    assert caught.value.remedy == "Correct AICAN_DATA_DIR or AICAN_KEYRING."


def test_a_folder_in_its_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "keyring.json").mkdir(mode=0o700)
    with pytest.raises(OperatorError, match="Cannot read the key ring"):
        open_ring(tmp_path / "keyring.json")


def test_no_failure_repeats_a_secret(path: Path) -> None:
    secret = content(path)["root"]
    write(path, content(path) | {"check": ""})
    with pytest.raises(OperatorError) as caught:
        open_ring(path)
    assert secret not in str(caught.value)
