"""A key ring that cannot be this install's: whoever starts is told the same as whoever asks the doctor."""

from __future__ import annotations

import json

import pytest

from config.local import running_stores
from storage.keyring.file import create_ring
from tests.commands.running import Install

pytestmark = pytest.mark.processes


def _doctors(install: Install) -> str:
    """What the doctor's line on the key ring says."""
    (line,) = [each for each in json.loads(install.run("doctor", "--json").stdout) if each["check"] == "key ring"]
    assert not line["ok"]
    return f"{line['found']} {line['remedy']}"


def test_the_ring_of_another_install_is_refused_by_all(install: Install) -> None:
    install.running()
    install.end()
    ring = install.data_dir / "keyring.json"
    ring.rename(ring.with_name("ours.json"))
    create_ring(ring)
    line = (
        f"The key ring {ring} is whole, but it is not the one that this database was sealed with. "
        "Restore that one from your backup, or point AICAN_KEYRING at it."
    )
    assert f"aican: {line}\n" in install.up().refused()
    with running_stores(install.data_dir, lambda line: None):
        assert _doctors(install) == line
        for command in ("web", "gateway", "jobs", "token create"):
            done = install.run(*command.split())
            assert (done.returncode, done.stderr) == (1, f"aican: {line}\n")
    ring.with_name("ours.json").rename(ring)
    install.running()


def test_a_link_to_nothing_has_one_remedy(install: Install) -> None:
    install.data_dir.mkdir()
    ring = install.data_dir / "keyring.json"
    ring.symlink_to("/media/not-mounted/keyring.json")
    line = (
        f"The key ring {ring} is a link to /media/not-mounted/keyring.json, where there is nothing. "
        "Restore the key ring there, or point AICAN_KEYRING at it."
    )
    assert _doctors(install) == line
    assert f"aican: {line}\n" in install.up().refused()
    assert install.run("web").stderr == f"aican: {line}\n"
