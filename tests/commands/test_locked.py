"""Stores that ask for a password: whoever starts Aican is told at once that theirs is missing or wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.local import running_stores
from config.local.stores import MONGODB, REDIS
from storage.keyring.file import create_ring
from tests.commands.locked import PASSWORD, locked_mongodb, locked_redis
from tests.commands.running import Install

pytestmark = pytest.mark.processes

STARTS = ("gateway", "web", "jobs", "token create")


def _refusals(install: Install) -> set[str]:
    """The one line with which each command ends."""
    create_ring(install.data_dir / "keyring.json")
    done = [install.run(*command.split()) for command in STARTS]
    assert [(each.returncode, each.stderr.count("\n")) for each in done] == [(1, 1)] * len(STARTS), done
    return {each.stderr.removeprefix("aican: ").rstrip("\n") for each in done}


def _doctors_line(install: Install, store: str) -> str:
    done = install.run("doctor")
    assert done.returncode == 1
    (line,) = [line for line in done.stdout.splitlines() if line.startswith(f"✗ {store} ")]
    return line.removeprefix(f"✗ {store}").strip()


@pytest.mark.parametrize(
    ("credentials", "said"),
    [
        ("", "Authentication required"),
        (":mistaken-secret@", "invalid username-password pair or user is disabled"),
        (f"nobody:{PASSWORD}@", "invalid username-password pair or user is disabled"),
    ],
)
def test_a_redis_with_another_password(install: Install, tmp_path: Path, credentials: str, said: str) -> None:
    with locked_redis(tmp_path) as port, running_stores(install.data_dir, lambda line: None, stores=(MONGODB,)):
        install.more = {"REDIS_URL": f"redis://{credentials}127.0.0.1:{port}"}
        line = (
            f"Redis at 127.0.0.1:{port} does not take us: user name or password is missing or wrong ({said}). "
            "Correct AICAN_REDIS_URL, or our rights there."
        )
        assert _doctors_line(install, "Redis") == line
        assert _refusals(install) == {line}
        install.more = {"REDIS_URL": f"redis://:{PASSWORD}@127.0.0.1:{port}"}
        assert "✓ Redis" in install.run("doctor").stdout


@pytest.mark.parametrize(
    ("credentials", "said"),
    [
        ("", "user name and password are missing, or have too few rights (Command "),
        ("somebody:mistaken-secret@", "user name or password is wrong (Authentication failed"),
    ],
)
def test_a_mongodb_with_other_accounts(install: Install, credentials: str, said: str) -> None:
    with locked_mongodb() as port, running_stores(install.data_dir, lambda line: None, stores=(REDIS,)):
        install.more = {"MONGODB_URL": f"mongodb://{credentials}127.0.0.1:{port}/aican"}
        begin = f"MongoDB at 127.0.0.1:{port} does not take us: {said}"
        end = "). Correct AICAN_MONGODB_URL, or our rights there."
        for line in (_doctors_line(install, "MongoDB"), *_refusals(install)):
            assert line.startswith(begin)
            assert line.endswith(end)
            assert "mistaken-secret" not in line
