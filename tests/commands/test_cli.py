"""The ``aican`` command itself: help without imports, one line for what an operator can mend, no tracebacks."""

from __future__ import annotations

import subprocess
import sys

import pytest

from gateway.cli import COMMANDS
from tests.commands.running import Install

pytestmark = pytest.mark.processes


def test_help_lists_every_command(install: Install) -> None:
    done = install.run("--help")
    assert done.returncode == 0
    assert all(f"  {name} " in done.stdout for name in COMMANDS)


def test_help_imports_no_command() -> None:
    asked = (
        "import sys, gateway.cli\n"
        "gateway.cli.aican(['--help'], standalone_mode=False)\n"
        "heavy = {'motor', 'redis', 'starlette', 'pydantic', 'cryptography'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_every_listed_command_is_there_and_explains_itself(install: Install) -> None:
    for name in COMMANDS:
        done = install.run(name, "--help")
        assert done.returncode == 0, done.stderr
        assert f"Usage: aican {name}" in done.stdout


def test_what_an_operator_can_mend_is_one_line_and_exit_code_1(install: Install) -> None:
    install.more = {"WEB_PORT": "eighty"}
    done = install.run("up")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == (
        "aican: AICAN_WEB_PORT is 'eighty'; a port is a whole number from 1 to 65535. "
        "Correct it in the environment or in .env.\n"
    )


def test_wrong_usage_is_exit_code_2(install: Install) -> None:
    assert install.run("upp").returncode == 2
    assert install.run("doctor", "--xml").returncode == 2
