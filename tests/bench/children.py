"""Server processes of one measurement: started, waited for, asked what they cost, and stopped."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from config.local.tether import tethered
from tests.bench import cpu
from tests.bench.errors import BenchError

_START_S = 30.0
_STOP_S = 15.0
HOST = "127.0.0.1"


@dataclass
class Child:
    """A server on a port."""

    name: str
    port: int
    process: subprocess.Popen[bytes]
    log: Path

    @classmethod
    def start(
        cls, name: str, port: int, command: Sequence[str], environment: Mapping[str, str], directory: Path
    ) -> Child:
        """Start it with these variables on top of ours. It ends with this process, however that ends."""
        log = directory / f"{name}.log"
        with log.open("ab") as output:
            process = subprocess.Popen(
                tethered(list(command), parent=os.getpid()),
                env={**os.environ, **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return cls(name, port, process, log)

    def wait(self, path: str) -> None:
        """Return when it answers ``GET path`` with 200. Raises BenchError with its last line."""
        deadline = time.monotonic() + _START_S
        while not _answers(self.port, path):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise BenchError(f"{self.name} does not start: {self.said()}")
            time.sleep(0.05)

    def said(self) -> str:
        """The last lines of its log."""
        return "\n".join(self.log.read_text(errors="replace").strip().splitlines()[-12:]) or "it said nothing"

    def pids(self) -> list[int]:
        """Its processes."""
        return cpu.family(self.process.pid)

    def stop(self) -> None:
        """End it: SIGTERM, and SIGKILL after 15 s."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _answers(port: int, path: str) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=2) as asked:
        asked.sendall(f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n".encode())
        return asked.recv(64).startswith(b"HTTP/1.1 200")
    return False
