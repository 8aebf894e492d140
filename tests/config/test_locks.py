"""``make lock`` brings every lock file up to date, and none of them names a registry."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]


def _locks() -> list[Path]:
    """Every lock file of the checkout."""
    listed = subprocess.run(
        ["git", "ls-files", "*.lock", "*package-lock.json"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [Path(line) for line in listed.stdout.splitlines()]


def test_every_lock_file_is_made_by_the_script() -> None:
    script = (ROOT / "config" / "scripts" / "lock.sh").read_text()
    locks = _locks()
    assert len(locks) == 6
    made = [str(lock) if lock.suffix == ".lock" else str(lock.parent) for lock in locks]
    assert [each for each in made if each not in script] == []


def test_no_lock_file_names_a_registry_or_lacks_a_hash() -> None:
    for lock in _locks():
        text = (ROOT / lock).read_text()
        assert '"resolved"' not in text, lock
        assert "index-url" not in text.replace("--no-emit-index-url", ""), lock
        assert "--hash=sha256:" in text or '"integrity": "sha512-' in text, lock
