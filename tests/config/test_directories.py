"""Where local things lie: writable, private, and short enough for a Unix socket."""

from __future__ import annotations

import os
import shutil
import socket
from pathlib import Path

import pytest

from chat.errors import OperatorError
from config.local import mongodb, redis
from config.local.directories import cache_directory, data_directory, private_directory, socket_directory

SUN_PATH = 107


def test_sockets_lie_in_the_data_directory_when_their_paths_fit(tmp_path: Path) -> None:
    assert socket_directory(Path("/srv/chat/var")) == Path("/srv/chat/var/run")


@pytest.mark.parametrize("length", [1, 60, 85, 86, 87, 88, 90, 200, 2000])
def test_every_socket_path_fits_however_deep_the_data_lies(length: int) -> None:
    data_dir = Path("/" + "d" * length)
    for path in (
        redis.socket_path(data_dir),
        mongodb.socket_path(data_dir),
        socket_directory(data_dir) / "up.sock.4194304",
    ):
        assert len(os.fsencode(path)) <= SUN_PATH


def test_bytes_count_not_letters() -> None:
    assert len(os.fsencode(redis.socket_path(Path("/" + "数" * 60)))) <= SUN_PATH


def test_the_short_place_is_the_same_each_time_and_another_for_other_data(monkeypatch: pytest.MonkeyPatch) -> None:
    deep, deeper = Path("/" + "d" * 200), Path("/" + "d" * 201)
    first = socket_directory(deep)
    monkeypatch.setenv("TMPDIR", "/elsewhere")
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/run/user/1")
    assert socket_directory(deep) == first
    assert socket_directory(deeper) != first


def test_a_private_directory_is_for_its_owner_only_even_if_it_was_not(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir(mode=0o755)
    assert private_directory(shared).stat().st_mode & 0o777 == 0o700


def test_a_link_in_place_of_a_private_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "theirs")
    with pytest.raises(OperatorError, match="not a directory of this user"):
        private_directory(tmp_path / "link")


def test_somebody_elses_directory_is_refused(tmp_path: Path) -> None:
    theirs = Path("/")
    if os.geteuid() == 0:
        theirs = tmp_path / "theirs"
        theirs.mkdir()
        shutil.chown(theirs, 65534)
    with pytest.raises(OperatorError, match="not a directory of this user"):
        private_directory(theirs)


def test_a_data_directory_that_is_there_keeps_its_mode_and_a_new_one_is_private(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir(mode=0o755)
    assert data_directory(tmp_path / "old").stat().st_mode & 0o777 == 0o755
    assert data_directory(tmp_path / "new").stat().st_mode & 0o777 == 0o700


def test_a_data_directory_that_cannot_be_is_an_error_with_the_setting_in_it(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OperatorError) as caught:
        data_directory(tmp_path / "file" / "data")
    assert "AICAN_DATA_DIR" in caught.value.remedy


def test_the_cache_follows_the_xdg_rule_and_takes_only_an_absolute_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/big/cache")
    assert cache_directory() == Path("/big/cache/aican")
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert cache_directory() == Path.home() / ".cache" / "aican"


def test_a_socket_can_really_be_bound_at_the_longest_path(tmp_path: Path) -> None:
    room = SUN_PATH - len("/up.sock.4194304") - len("/run") - len(os.fsencode(tmp_path)) - 1
    data_dir = tmp_path / ("d" * room)
    assert socket_directory(data_dir) == data_dir / "run"
    (data_dir / "run").mkdir(parents=True)
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(data_dir / "run" / "up.sock.4194304"))


def test_a_file_in_the_place_of_the_data_directory_or_above_it_is_named_as_such(tmp_path: Path) -> None:
    taken = tmp_path / "var"
    taken.touch()
    for path in (taken, taken / "data", taken / "much" / "deeper"):
        with pytest.raises(OperatorError) as refused:
            data_directory(path)
        what = "it" if path == taken else taken
        assert refused.value.problem == f"{path} cannot be the data directory: {what} is a file."
        assert refused.value.remedy == "Set AICAN_DATA_DIR to another place."


def test_a_link_to_nothing_in_the_place_of_the_data_directory_is_named_as_such(tmp_path: Path) -> None:
    link = tmp_path / "var"
    link.symlink_to("/media/not-mounted/data")
    with pytest.raises(OperatorError) as refused:
        data_directory(link)
    assert refused.value.problem == (
        f"{link} cannot be the data directory: it is a link to /media/not-mounted/data, where there is nothing."
    )
