"""What a run says of itself: machine, versions, commit."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.bench.peers.install import PYTHON, ROOT, SOCKETIO

_OURS = ("aican", "uvloop", "websockets", "motor", "pymongo", "redis", "hiredis", "msgpack", "msgspec", "cryptography")
_NODE = ("socket.io", "@socket.io/redis-adapter", "ws", "redis", "mongodb", "bufferutil")
_PYTHON = ("python-socketio", "python-engineio", "uvicorn", "motor", "redis")


def about() -> dict[str, Any]:
    """Everything that figures depend on, as far as it can be asked."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _said("git", "rev-parse", "--short", "HEAD"),
        "has_local_changes": bool(_said("git", "status", "--porcelain", "--untracked-files=no")),
        "machine": _machine(),
        "versions": {"python": platform.python_version(), "node": _said("node", "--version")}
        | {name: version(name) for name in _OURS}
        | {f"socketio/{name}": _node_version(name) for name in _NODE}
        | {f"python_socketio/{name}": found for name, found in _python_versions().items()},
    }


def load() -> float:
    """The load average of the last minute: what else this machine did."""
    return round(os.getloadavg()[0], 2)


def _machine() -> dict[str, Any]:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cpu": _cpu(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(memory / 2**30, 1),
        "kernel": platform.release(),
        "load_before": load(),
    }


def _cpu() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _said(*command: str) -> str:
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=20)
    except OSError:
        return ""
    return done.stdout.strip()


def _node_version(name: str) -> str:
    package = SOCKETIO / "node_modules" / name / "package.json"
    return str(json.loads(package.read_text())["version"]) if package.is_file() else ""


def _python_versions() -> dict[str, str]:
    asked = f"from importlib.metadata import version; print(*[version(name) for name in {_PYTHON!r}])"
    return dict(zip(_PYTHON, _said(str(PYTHON), "-I", "-c", asked).split(), strict=False))
