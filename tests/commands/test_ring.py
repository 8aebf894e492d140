"""A key ring that cannot be this install's: whoever starts is told the same as whoever asks the doctor."""

from __future__ import annotations

import json
import shutil

import pytest

from config.local import running_stores
from config.local.stores import MONGODB
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


def _refused_before_anything_starts(install: Install) -> str:
    """The line that ``aican up`` ends with."""
    *before, line = install.up().refused().splitlines()
    assert not [each for each in before if "Starting" in each]
    assert not (install.data_dir / "log").exists()
    return line.removeprefix("aican: ")


def test_a_ring_that_will_not_do_is_told_before_anything_starts(install: Install) -> None:
    ring = install.data_dir / "keyring.json"
    create_ring(ring)
    ring.chmod(0o644)
    assert _refused_before_anything_starts(install) == (
        f"The key ring {ring} can be read by others (mode 0644). Run: chmod 600 {ring}"
    )
    ring.chmod(0o600)
    ring.write_bytes(ring.read_bytes()[:-20])
    assert _refused_before_anything_starts(install).startswith(f"The key ring {ring} is damaged. Restore it")
    ring.unlink()
    file = install.home / "a file"
    file.touch()
    install.more = {"KEYRING": file / "keyring.json"}
    assert _refused_before_anything_starts(install) == (
        f"the key ring cannot be made in {file}: it is a file. Correct AICAN_DATA_DIR or AICAN_KEYRING."
    )


def test_a_ring_that_is_not_the_running_databases_is_told_before_anything_starts(install: Install) -> None:
    ring = install.data_dir / "keyring.json"
    with running_stores(install.home / "elsewhere", lambda line: None, stores=(MONGODB,)) as urls:
        install.more = {"MONGODB_URL": urls.mongodb_url}
        install.running()
        install.end()
        shutil.rmtree(install.data_dir / "log")
        ring.rename(install.home / "ours.json")
        assert _refused_before_anything_starts(install).startswith(
            f"There is no key ring at {ring}, but the database holds sealed records. Restore the key ring"
        )
        create_ring(ring)
        assert "is whole, but it is not the one" in _refused_before_anything_starts(install)
        assert _doctors(install) == _refused_before_anything_starts(install)
        (install.home / "ours.json").replace(ring)
        install.running()
        install.end()


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
