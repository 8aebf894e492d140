"""A world that does not come up says so, and what of it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.chaos import processes
from tests.chaos.__main__ import NOT_PLAYED, main
from tests.chaos.processes import NotStarted, Program


async def test_a_program_that_never_answers_is_told_with_its_last_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "START_S", 2.0)
    speaks = "import time; print('no room', flush=True); time.sleep(60)"
    program = Program("mongodb", [sys.executable, "-c", speaks], tmp_path / "log", lambda: False)
    with pytest.raises(NotStarted, match=r"mongodb does not answer within 2 s\. no room"):
        await program.started()
    program.kill()


@pytest.mark.stores
def test_a_run_whose_world_does_not_come_up_ends_with_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "START_S", 0.05)
    ended = CliRunner().invoke(main, ["--scenario", "calm", "--output", str(tmp_path / "chaos.json")])
    assert ended.exit_code == NOT_PLAYED
    assert "Nothing more can be played" in ended.output
    assert "does not answer within 0.05 s" in ended.output
    assert "Traceback" not in ended.output
