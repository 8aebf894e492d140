"""A store of a test's own, to be killed without a warning and started again on the same socket."""

from __future__ import annotations

import asyncio
import os
import subprocess
from pathlib import Path

from config.local.directories import private_directory
from config.local.stores import LocalStore
from config.local.tether import tethered
from tests.storage.waiting import DEADLINE_S


class KillableStore:
    """Use it with ``with``: it is killed at the end, too."""

    def __init__(self, store: LocalStore, directory: Path) -> None:
        self._store = store
        self._directory = directory
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> KillableStore:
        self._store.prepare(self._directory, print)
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    async def start(self) -> None:
        """Returns when it answers."""
        log = private_directory(self._directory / "log") / f"{self._store.name}.log"
        self._process = self._started(log)
        async with asyncio.timeout(DEADLINE_S):
            while not await asyncio.to_thread(self._store.answers, self._directory):
                assert self._process.poll() is None, log.read_text()
                await asyncio.sleep(0.02)

    def _started(self, log: Path) -> subprocess.Popen[bytes]:
        command = tethered(self._store.command(self._directory), parent=os.getpid())
        with log.open("ab") as output:
            return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output)

    def kill(self) -> None:
        """SIGKILL; returns when it is dead."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
