"""Fetching into the cache: whole or not at all, once however many ask, and one clear line when it fails."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from chat.errors import OperatorError
from config.local.fetch import fetched, run


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "aican"


def test_it_is_made_once_and_kept() -> None:
    made = []

    def make(scratch: Path) -> None:
        made.append(scratch)
        (scratch / "part").write_text("whole")

    assert (fetched("thing", make) / "part").read_text() == "whole"
    assert (fetched("thing", make) / "part").read_text() == "whole"
    assert len(made) == 1


def test_a_failure_leaves_nothing_and_the_next_one_tries_again(cache: Path) -> None:
    def half(scratch: Path) -> None:
        (scratch / "part").write_text("half")
        raise OperatorError("no.", "Yes.")

    with pytest.raises(OperatorError):
        fetched("thing", half)
    assert not [path for path in cache.iterdir() if path.is_dir()]
    fetched("thing", lambda scratch: (scratch / "part").touch())
    assert (cache / "thing" / "part").exists()


def test_of_two_at_once_one_makes_it_and_the_other_waits() -> None:
    made, go = [], threading.Barrier(8)

    def make(scratch: Path) -> None:
        made.append(scratch)
        (scratch / "part").touch()

    def ask() -> None:
        go.wait()
        assert (fetched("thing", make) / "part").exists()

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1


def test_a_cache_that_cannot_be_written_is_told_with_its_setting(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(OperatorError, match="XDG_CACHE_HOME"):
        fetched("thing", lambda scratch: None)


def test_a_failing_command_is_told_by_its_last_line(tmp_path: Path) -> None:
    with pytest.raises(OperatorError) as caught:
        run(["sh", "-c", "echo much; echo the reason >&2; exit 1"], cwd=tmp_path, problem="cannot", remedy="Do.")
    assert str(caught.value) == "cannot: the reason. Do."


def test_a_missing_command_is_named(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="there is no no-such-program on this machine"):
        run(["no-such-program"], cwd=tmp_path, problem="cannot", remedy="Do.")
