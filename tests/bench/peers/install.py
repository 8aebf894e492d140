"""The peers' locked packages, in ``build/bench``: fetched once, and again when a lock file changed."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.bench.errors import BenchError

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
PLACE = ROOT / "build" / "bench"
SOCKETIO = PLACE / "socketio"
PYTHON = PLACE / "venv" / "bin" / "python"
PROFILER = PLACE / "venv" / "bin" / "py-spy"
_LOCK = ROOT / "config" / "requirements-bench.lock"
_NPM = ("package.json", "package-lock.json")


def are_installed() -> bool:
    """Whether nothing needs to be fetched."""
    return all(_is_fresh(*step) for step in ((SOCKETIO, HERE / "package-lock.json"), (PLACE / "venv", _LOCK)))


def install(say: Callable[[str], None]) -> None:
    """Fetch what is missing. Raises BenchError."""
    PLACE.mkdir(parents=True, exist_ok=True)
    if not _is_fresh(SOCKETIO, HERE / "package-lock.json"):
        say("Installing Socket.IO for the comparison")
        _install_socketio()
    if not _is_fresh(PLACE / "venv", _LOCK):
        say("Installing python-socketio and the profiler for the comparison")
        _install_python()


def _install_socketio() -> None:
    shutil.rmtree(SOCKETIO, ignore_errors=True)
    SOCKETIO.mkdir()
    for name in _NPM:
        shutil.copy(HERE / name, SOCKETIO)
    _run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], SOCKETIO)
    _stamp(SOCKETIO, HERE / "package-lock.json")


def _install_python() -> None:
    place = PLACE / "venv"
    _run([sys.executable, "-m", "venv", "--clear", str(place)], PLACE)
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    _run([*pip, "--require-hashes", "--requirement", str(_LOCK)], PLACE)
    _stamp(place, _LOCK)


def _run(command: list[str], directory: Path) -> None:
    try:
        done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False, timeout=600)
    except OSError as error:
        raise BenchError(f"cannot run {command[0]}: {error.strerror}") from error
    if done.returncode:
        raise BenchError(f"`{' '.join(command[:4])} …` failed: {done.stderr.strip()[-500:]}")


def _is_fresh(place: Path, lock: Path) -> bool:
    stamp = place / ".made-from"
    return stamp.is_file() and stamp.read_text() == _digest(lock)


def _stamp(place: Path, lock: Path) -> None:
    (place / ".made-from").write_text(_digest(lock))


def _digest(lock: Path) -> str:
    return hashlib.sha256(lock.read_bytes()).hexdigest()
