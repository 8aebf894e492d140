"""The tether: a command under it ends with its parent, and waits for its predecessor."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from config.local.tether import tethered
from tests.commands.eventually import eventually
from tests.commands.running import alive, started

pytestmark = pytest.mark.processes


def test_the_command_takes_its_place_with_arguments_and_exit_code() -> None:
    command = tethered(["sh", "-c", 'echo "$0 $1"; exit 7', "a b", "-c"], parent=os.getpid())
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("a b -c\n", 7)


def test_it_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    parent = (
        "import os, subprocess, sys; from config.local.tether import tethered; from pathlib import Path\n"
        "subprocess.run(tethered(['sleep', '600'], parent=os.getpid(), hold=Path(sys.argv[1])))"
    )
    with started([sys.executable, "-c", parent, str(lock)]):
        eventually(lambda: lock.exists() and lock.read_text())
        child = int(lock.read_text())
        assert alive(child)
    eventually(lambda: not alive(child))


def test_a_parent_that_died_before_it_could_look_is_noticed(tmp_path: Path) -> None:
    stale = tmp_path / "pidfile"
    stale.write_text("4194304\n")
    done = subprocess.run(tethered(["echo", "alive"], parent=stale), capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stdout == ""
    assert "parent is gone" in done.stderr


def test_a_successor_starts_only_when_its_predecessor_is_gone(tmp_path: Path) -> None:
    command = tethered(["sh", "-c", "date +%s.%N; exec sleep 600"], parent=os.getpid(), hold=tmp_path / "lock")
    with started(command) as first:
        assert first.stdout
        first.stdout.readline()
        with started(command) as second:
            assert second.stdout
            killed = time.time()
            first.kill()
            assert float(second.stdout.readline()) > killed


def test_a_command_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    command = tethered([str(tmp_path / "nothing")], parent=os.getpid())
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == f"cannot run {tmp_path / 'nothing'}: No such file or directory\n"
