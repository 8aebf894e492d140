"""An install with stand-in servers for each test that runs ``aican up``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands.running import Install


@pytest.fixture
def install(tmp_path: Path) -> Iterator[Install]:
    """An empty data directory; whatever still runs on it in the end is stopped."""
    made = Install(tmp_path, tmp_path / "data")
    yield made
    made.end()
