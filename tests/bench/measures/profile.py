"""A gateway under load, sampled from outside: where its CPU time goes, by stage."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

from tests.bench import cpu
from tests.bench.children import Child
from tests.bench.errors import BenchError
from tests.bench.peers.install import PROFILER
from tests.bench.stages import by_stage, microseconds

_RATE = 400
"""Samples a second; each stops the process for a fraction of a millisecond."""


class Sampler:
    """py-spy beside a count: it begins and ends with it, as its ``Witness``."""

    def __init__(self, server: Child, folded: Path) -> None:
        self._pid = server.process.pid
        self._folded = folded
        self._command = [str(PROFILER), "record", "--pid", str(self._pid), "--format", "raw", "--output", str(folded)]
        self._command += ["--rate", str(_RATE), "--duration", "unlimited", "--gil"]
        self._process: subprocess.Popen[bytes] | None = None
        self._before = 0.0
        self._cpu_s = 0.0

    def began(self) -> None:
        """Counting begins."""
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        self._before = cpu.seconds([self._pid])

    def ended(self) -> None:
        """Counting ends."""
        assert self._process is not None
        self._cpu_s = cpu.seconds([self._pid]) - self._before
        self._process.send_signal(signal.SIGINT)

    def stages(self, units: float) -> list[tuple[str, float]]:
        """µs of CPU by stage for each of ``units``, largest first. Raises BenchError when there are no samples."""
        assert self._process is not None
        said, _ = self._process.communicate(timeout=60)
        if self._process.returncode:
            raise BenchError(f"the profiler failed: {said.decode(errors='replace')[-300:]}")
        samples = by_stage(self._folded.read_text().splitlines())
        return microseconds(samples, _RATE, self._cpu_s, units)
