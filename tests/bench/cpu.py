"""What processes cost, by the kernel's books: /proc/<pid>/stat and smaps_rollup (proc(5)). Linux only."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PARENT, _USER, _SYSTEM = 1, 11, 12
"""Fields of ``stat`` after the command's name, which may hold spaces."""


def family(pid: int) -> list[int]:
    """A process and all that descend from it."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and (fields := _stat(int(entry.name))):
            children.setdefault(int(fields[_PARENT]), []).append(int(entry.name))
    found = [pid]
    for one in found:
        found += children.get(one, [])
    return found


def seconds(pids: Iterable[int]) -> float:
    """CPU seconds, user and system, that these processes took since they began."""
    found = [fields for pid in pids if (fields := _stat(pid))]
    return sum(int(fields[_USER]) + int(fields[_SYSTEM]) for fields in found) / _TICKS


def pss_kib(pids: Iterable[int]) -> int:
    """Their memory in KiB, shared pages in proportion."""
    return sum(_pss(pid) for pid in pids)


def command(pid: int) -> str:
    """A process's command line."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []  # it ended meanwhile


def _pss(pid: int) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    return 0
