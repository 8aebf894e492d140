"""Several gateway processes on one port: the system gives each its part of the connections (SO_REUSEPORT, socket(7)).

One process uses one core. The parent only keeps its children running; they share nothing but the port and the stores,
like gateways on different machines.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from asyncio.subprocess import Process
from time import monotonic

import structlog

from chat.errors import OperatorError
from config.local.tether import tethered

log = structlog.get_logger()

STOP_S = 35.0
"""A draining gateway takes 30 s at most; then it is killed."""
STARTED_S = 5.0
"""A process that lived so long had started; one that ends sooner is started again after 1, 2, 3 s, then given up."""
TRIES = 3


class Several:
    """``count`` children that run ``command`` until ``stop`` is set."""

    def __init__(self, command: list[str], count: int, stop: asyncio.Event) -> None:
        self._command = tethered(command, parent=os.getpid())
        self._count = count
        self._stop = stop

    async def run(self) -> None:
        """Keep all of them running; returns after the stop, when all have ended.

        Raises OperatorError when one ends again and again right after its start; the others are stopped first.
        """
        keepers = [asyncio.create_task(self._keep(number + 1)) for number in range(self._count)]
        try:
            await asyncio.gather(*keepers)
        finally:
            self._stop.set()
            await asyncio.gather(*keepers, return_exceptions=True)

    async def _keep(self, number: int) -> None:
        early_ends = 0
        while not self._stop.is_set():
            began = monotonic()
            child = await asyncio.create_subprocess_exec(*self._command)
            await self._until_end(child)
            if self._stop.is_set():
                return
            early_ends = early_ends + 1 if monotonic() - began < STARTED_S else 0
            if early_ends > TRIES:
                raise OperatorError(
                    f"gateway {number} ended with code {child.returncode} right after its start, again and again.",
                    "It says why in the lines above.",
                )
            # In order: somebody ended it by its own signal, to have a fresh one.
            tell = log.error if child.returncode else log.info
            tell("a gateway process ended and is started again", number=number, code=child.returncode)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), max(1, early_ends))

    async def _until_end(self, child: Process) -> None:
        """Wait until it ends by itself, or end it when the stop is set."""
        ended, stopping = asyncio.create_task(child.wait()), asyncio.create_task(self._stop.wait())
        await asyncio.wait([ended, stopping], return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if not ended.done():
            child.terminate()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(ended), STOP_S)
        if not ended.done():
            child.kill()
        await ended


def own_command() -> list[str]:
    """The command line of one child: this program, on a shared port."""
    return [sys.executable, "-m", "gateway.cli", "gateway", "--shared-port"]
