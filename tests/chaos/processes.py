"""Processes of a run: started, killed, stopped in order, frozen, and watched for ends that nobody ordered."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Mapping
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from random import Random

from config.local.stores import LocalStore
from config.local.tether import tethered

START_S = 60.0
STOP_S = 40.0
"""A gateway drains for at most 30 s."""
_ROOT = Path(__file__).parents[2]


class NotStarted(TimeoutError):
    """A process that does not come up: nothing can be played. The text says which."""


class Program:
    """One program that runs as long as this process does at most; its output is appended to a log."""

    def __init__(
        self,
        name: str,
        command: list[str],
        log: Path,
        answers: Callable[[], bool],
        *,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self.log = log
        self.crashes: list[str] = []
        """Ends that nobody ordered, in words."""
        self._command = command
        self._answers = answers
        self.environment = dict(environment or {})
        self.children_killed = 0
        """How many of its own children were; it says so as of errors."""
        self._process: subprocess.Popen[bytes] | None = None
        self._is_frozen = False

    def begin(self) -> None:
        """Start it, if it does not run; returns at once."""
        if self._process is not None:
            return
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                tethered(self._command, parent=os.getpid()),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=self.environment or None,
                cwd=self.log.parent,
            )

    async def started(self) -> None:
        """Start it, if it does not run; returns when it answers. A start that fails is tried again. Raises NotStarted
        after a minute."""
        try:
            async with asyncio.timeout(START_S):
                self.begin()
                while not await self.answers():
                    self.look()
                    self.begin()
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise NotStarted(f"{self.name} does not answer within {START_S:g} s. {self._last_words()}") from None

    async def answers(self) -> bool:
        """Whether it serves now."""
        return await asyncio.to_thread(self._answers)

    def kill(self) -> None:
        """SIGKILL; returns when it is dead."""
        process, self._process = self._process, None
        self._is_frozen = False
        if process is not None:
            if process.poll() is not None:
                self._crashed(process.returncode)
            process.kill()
            process.wait()

    def kill_child(self, random: Random) -> None:
        """SIGKILL to one of the processes that it keeps running."""
        if self._process is None:
            return
        listed = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        children = [int(pid) for pid in listed.read_text().split()]
        if children:
            os.kill(random.choice(children), signal.SIGKILL)
            self.children_killed += 1

    async def stop(self) -> None:
        """SIGTERM, as an operator does; SIGKILL if it hangs, which counts as a crash."""
        process = self._process
        if process is None:
            return
        self.thaw()
        self.look()
        process.terminate()
        try:
            code = await asyncio.to_thread(process.wait, STOP_S)
        except subprocess.TimeoutExpired:
            self.crashes.append(f"{self.name} did not stop within {STOP_S:.0f} s")
            process.kill()
            code = await asyncio.to_thread(process.wait)
        if code not in (0, -signal.SIGKILL):
            self._crashed(code)
        if self._process is process:
            self._process = None

    def freeze(self) -> None:
        """SIGSTOP: as if the machine under it stood still."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGSTOP)
            self._is_frozen = True

    def thaw(self) -> None:
        if self._process is not None and self._is_frozen:
            self._process.send_signal(signal.SIGCONT)
        self._is_frozen = False

    def look(self) -> None:
        """Notice an end that nobody ordered."""
        if self._process is not None and (code := self._process.poll()) is not None:
            self._crashed(code)
            self._process = None

    def _crashed(self, code: int) -> None:
        self.crashes.append(f"{self.name} ended by itself with {code}: {self._last_words()}")

    def _last_words(self) -> str:
        return " ".join(self.log.read_text(errors="replace").strip().splitlines()[-1:]) if self.log.exists() else ""


def store(which: LocalStore, directory: Path) -> Program:
    """A store of the run's own."""
    which.prepare(directory, print)
    log = directory / f"{which.name}.log"
    return Program(which.name, which.command(directory), log, lambda: which.answers(directory))


def process(
    name: str, arguments: list[str], directory: Path, own: Mapping[str, str], answers: Callable[[], bool]
) -> Program:
    """A Python program of ours. ``own`` are its variables, AICAN_… ones and others."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AICAN_")}
    environment = {**kept, **own, "PYTHONPATH": str(_ROOT), "PYTHONUNBUFFERED": "1"}
    return Program(name, [sys.executable, *arguments], directory / f"{name}.log", answers, environment=environment)


def gateway(name: str, directory: Path, port: int, own: Mapping[str, str], processes: int = 1) -> Program:
    """A gateway. ``own`` are its variables."""
    several = ["--processes", str(processes)] if processes > 1 else []
    arguments = ["-m", "tests.chaos.gateway_process", *several]
    return process(name, arguments, directory, own, lambda: is_ready(port))


def is_ready(port: int) -> bool:
    """Whether a gateway says that it serves."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=2)) as connection:
        try:
            connection.request("GET", "/readyz")
            with closing(connection.getresponse()) as response:
                return response.status == 200
        except (OSError, HTTPException):
            return False


async def each(programs: list[Program], action: Callable[[Program], Awaitable[None]]) -> None:
    """The same with all of them, at once."""
    await asyncio.gather(*[action(program) for program in programs])
