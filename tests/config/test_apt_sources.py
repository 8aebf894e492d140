"""The machine's own package sources, rewritten for a newer release: both formats, the distribution's entries only."""

from __future__ import annotations

import platform
from pathlib import Path

import pytest

from config.local import apt_sources
from config.local.apt_sources import Source, newer_suite, rewritten, sources

DEBIAN = {"ID": "debian", "VERSION_CODENAME": "bookworm"}
UBUNTU = {"ID": "ubuntu", "ID_LIKE": "debian", "VERSION_CODENAME": "jammy"}
MINT = {"ID": "linuxmint", "ID_LIKE": "ubuntu debian", "VERSION_CODENAME": "vera", "UBUNTU_CODENAME": "jammy"}


@pytest.fixture
def apt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An apt directory without sources, on a machine that has the keys of both distributions."""
    (tmp_path / "sources.list.d").mkdir()
    keys = tmp_path / "keyrings"
    keys.mkdir()
    for name in ("debian-archive-keyring.gpg", "ubuntu-archive-keyring.gpg"):
        (keys / name).touch()
    monkeypatch.setattr(apt_sources, "_KEYRINGS", keys)
    return tmp_path


def on(release: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "freedesktop_os_release", lambda: release)


def test_one_line_entries_are_read_with_options_and_without_comments(apt: Path) -> None:
    (apt / "sources.list").write_text(
        "# deb http://old.example/debian bookworm main\n"
        "deb http://mirror.example/debian bookworm main contrib # near\n"
        "deb [arch=amd64 signed-by=/k.gpg] http://mirror.example/debian bookworm-updates main\n"
        "deb-src http://mirror.example/debian bookworm main\n"
    )
    assert list(sources(apt)) == [
        Source(("http://mirror.example/debian",), ("bookworm",), ("main", "contrib")),
        Source(("http://mirror.example/debian",), ("bookworm-updates",), ("main",)),
    ]


def test_deb822_entries_are_read_over_several_lines_and_disabled_ones_left_out(apt: Path) -> None:
    (apt / "sources.list.d" / "debian.sources").write_text(
        "Types: deb deb-src\nURIs: http://a.example/debian\n http://b.example/debian\n# a comment\n"
        "Suites: bookworm bookworm-updates\nComponents: main\n\n"
        "Types: deb\nEnabled: no\nURIs: http://c.example/debian\nSuites: bookworm\nComponents: main\n\n"
        "Types: deb-src\nURIs: http://d.example/debian\nSuites: bookworm\nComponents: main\n"
    )
    assert list(sources(apt)) == [
        Source(("http://a.example/debian", "http://b.example/debian"), ("bookworm", "bookworm-updates"), ("main",))
    ]


def test_debian_gets_its_next_release_from_its_own_mirror(apt: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    on(DEBIAN, monkeypatch)
    (apt / "sources.list").write_text("deb http://mirror.example/debian bookworm main\n")
    assert newer_suite() == "trixie"
    assert rewritten("trixie", apt) == (
        "Types: deb\nURIs: http://mirror.example/debian\nSuites: trixie\nComponents: main\n"
        f"Signed-By: {apt}/keyrings/debian-archive-keyring.gpg\n"
    )


def test_ubuntu_gets_its_own_next_long_term_release(apt: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    on(UBUNTU, monkeypatch)
    (apt / "sources.list").write_text("deb http://mirror.example/ubuntu jammy main restricted\n")
    assert newer_suite() == "noble"
    assert "Suites: noble\n" in rewritten("noble", apt)
    assert "ubuntu-archive-keyring" in rewritten("noble", apt)


def test_third_party_sources_are_left_out(apt: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    on(DEBIAN, monkeypatch)
    (apt / "sources.list").write_text(
        "deb http://mirror.example/debian bookworm main\n"
        "deb http://tools.example/apt tools-bookworm main\n"
        "deb http://engine.example/linux bookworm stable\n"
    )
    (apt / "sources.list.d" / "node.sources").write_text(
        "Types: deb\nURIs: http://node.example/20.x\nSuites: nodistro\nComponents: main\n"
    )
    assert rewritten("trixie", apt).count("URIs:") == 1


def test_one_address_is_written_once(apt: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    on(DEBIAN, monkeypatch)
    (apt / "sources.list").write_text("deb http://mirror.example/debian bookworm main\n" * 2)
    assert rewritten("trixie", apt).count("URIs:") == 1


def test_a_relative_of_ubuntu_counts_as_ubuntu(apt: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    on(MINT, monkeypatch)
    (apt / "sources.list").write_text("deb http://mirror.example/ubuntu jammy main\n")
    assert newer_suite() == "noble"
    assert "URIs: http://mirror.example/ubuntu\n" in rewritten("noble", apt)


def test_another_distribution_is_not_guessed_at(apt: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    on({"ID": "fedora", "VERSION_CODENAME": ""}, monkeypatch)
    assert newer_suite() is None
    assert rewritten("trixie", apt) == ""
