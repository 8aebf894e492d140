"""``make lock`` brings every lock file up to date, and none of them names a registry."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]


def _locks() -> list[Path]:
    """Every lock file of the checkout."""
    npm = [path for folder in ("widget", "config", "tests") for path in (ROOT / folder).rglob("package-lock.json")]
    own = [path for path in npm if "node_modules" not in path.parts]
    return [path.relative_to(ROOT) for path in [*ROOT.glob("config/*.lock"), *own]]


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
