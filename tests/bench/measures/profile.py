"""A gateway under load, sampled from outside: where its CPU time goes, by stage."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.bench import cpu
from tests.bench.aican.system import Aican
from tests.bench.children import Child
from tests.bench.errors import BenchError
from tests.bench.measures.costs import Figures
from tests.bench.measures.pairs import Window, closed_loop
from tests.bench.peers.install import PROFILER
from tests.bench.stages import by_stage, microseconds

_RATE = 400
"""Samples a second; each stops the process for a fraction of a millisecond."""


class Sampler:
    """py-spy beside the count: started with it, and done about when it ends."""

    def __init__(self, server: Child, seconds: float, folded: Path) -> None:
        self._pid = server.process.pid
        self._command = [str(PROFILER), "record", "--pid", str(self._pid), "--format", "raw", "--output", str(folded)]
        self._command += ["--rate", str(_RATE), "--duration", str(int(seconds)), "--gil"]
        self._process: subprocess.Popen[bytes] | None = None
        self._before = 0.0
        self.cpu_s = 0.0

    def began(self) -> None:
        """Counting begins."""
        self._process = subprocess.Popen(self._command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self._before = cpu.seconds([self._pid])

    def ended(self) -> None:
        """Counting ends."""
        self.cpu_s = cpu.seconds([self._pid]) - self._before

    def finish(self) -> None:
        """Wait for the samples. Raises BenchError when there are none."""
        assert self._process is not None
        said, _ = self._process.communicate(timeout=60)
        if self._process.returncode:
            raise BenchError(f"the profiler failed: {said.decode(errors='replace')[-300:]}")


def profiled(aican: Aican, servers: list[Child], pairs: int, window: Window, folded: Path) -> Figures:
    """Figures of a closed loop, and the first gateway's stages: µs of CPU for each message of all pairs."""
    sampler = Sampler(servers[0], window.count_s, folded)
    figures = closed_loop(aican, servers, pairs, window, witness=sampler)
    sampler.finish()
    found = by_stage(folded.read_text().splitlines())
    rows = microseconds(found, _RATE, sampler.cpu_s, figures["delivered"])
    return {"stages": dict(rows), "samples": found.total(), **figures}
