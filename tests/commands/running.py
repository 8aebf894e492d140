"""``aican up`` as a user runs it: a process of its own in a process group of its own, its output in a file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from config.local import mongodb, redis
from config.local.directories import socket_directory
from tests.commands.eventually import eventually
from tests.ports import free_port

AICAN = str(Path(sys.executable).with_name("aican"))
_SERVER = Path(__file__).with_name("standin_server.py")
READY = "Aican is running"


def alive(pid: int) -> bool:
    """Whether the process runs; a zombie does not."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


@contextmanager
def started(command: list[str]) -> Iterator[subprocess.Popen[str]]:
    """A process with its output in a pipe, killed at the end of the block whatever happens in it."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def clean_environment(settings: Mapping[str, object]) -> dict[str, str]:
    """This environment with no settings but these."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AICAN_")}
    return kept | {f"AICAN_{name}": str(value) for name, value in settings.items()}


@dataclass
class Install:
    """A data directory with ports of its own, and a Procfile of stand-ins."""

    home: Path
    data_dir: Path
    web_port: int = field(default_factory=free_port)
    gateway_port: int = field(default_factory=free_port)
    more: dict[str, object] = field(default_factory=dict)
    started: list[Up] = field(default_factory=list)

    @property
    def diary(self) -> Path:
        """What the stand-ins noted."""
        return self.home / "diary"

    def settings(self) -> dict[str, object]:
        """The settings of this install."""
        return {"DATA_DIR": self.data_dir, "WEB_PORT": self.web_port, "GATEWAY_PORT": self.gateway_port, **self.more}

    def procfile(self, **programs: str) -> Path:
        """A Procfile of stand-in servers; ``programs`` replace or add to them."""
        store = redis.socket_path(self.data_dir)
        lines = {
            "web": f"python {_SERVER} {self.web_port} {self.diary} {store}",
            "gateway": f"python {_SERVER} {self.gateway_port} {self.diary} {store}",
            "jobs": "sleep 100000",
        } | programs
        path = self.home / "Procfile"
        path.write_text("".join(f"{name}: {line}\n" for name, line in lines.items()))
        return path

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run another ``aican`` command to its end."""
        return subprocess.run(
            [AICAN, *arguments],
            cwd=self.home,
            env=clean_environment(self.settings()),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def up(self, **programs: str) -> Up:
        """Start ``aican up``; return without waiting."""
        output = self.home / f"up-{len(self.started)}.txt"
        with output.open("wb") as file:
            process = subprocess.Popen(
                [AICAN, "up", "--procfile", str(self.procfile(**programs))],
                cwd=self.home,
                env=clean_environment(self.settings()),
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                start_new_session=True,
            )
        self.started.append(Up(process, output, self))
        return self.started[-1]

    def running(self, **programs: str) -> Up:
        """Start ``aican up`` and wait until it says that it runs."""
        up = self.up(**programs)
        eventually(lambda: READY in up.said or up.process.poll() is not None, within_s=60)
        assert READY in up.said, up.said
        return up

    def pid(self, name: str) -> int:
        """The process that holds the lock of this name: a service, ``supervisord`` or ``up``."""
        return int((self.data_dir / "run" / f"{name}.lock").read_text().split()[0])

    def pids(self) -> list[int]:
        """Everything that runs for this install."""
        return [self.pid(path.stem) for path in (self.data_dir / "run").glob("*.lock")]

    @property
    def redis_url(self) -> str:
        """The local Redis."""
        return redis.url(self.data_dir)

    @property
    def mongodb_url(self) -> str:
        """The local MongoDB."""
        return mongodb.url(self.data_dir)

    @property
    def sockets(self) -> Path:
        """Where the local sockets lie."""
        return socket_directory(self.data_dir)

    def end(self) -> None:
        """Stop whatever a test left running."""
        for up in self.started:
            if up.process.poll() is None:
                up.process.terminate()
                up.process.wait(60)
        if (self.data_dir / "run").is_dir():
            eventually(lambda: not any(alive(pid) for pid in self.pids()), within_s=60)


@dataclass
class Up:
    """One started ``aican up``."""

    process: subprocess.Popen[bytes]
    output: Path
    install: Install

    @property
    def said(self) -> str:
        """All that it printed so far."""
        return self.output.read_text()

    def ctrl_c(self) -> int:
        """What a terminal does: SIGINT to the whole process group. Returns the exit code."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(60)

    def refused(self) -> str:
        """Wait for it to end by itself with exit code 1; return its output."""
        assert self.process.wait(60) == 1, self.said
        return self.said
