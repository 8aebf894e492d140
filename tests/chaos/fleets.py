"""Redis as more than one server: a Cluster of three masters, or a master with a Sentinel beside it."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from tests.chaos.processes import NotStarted, Program
from tests.storage.redis.fleet import ClusterFleet, WatchedFleet

Fleet = ClusterFleet | WatchedFleet
FLEETS: dict[str, type[ClusterFleet] | type[WatchedFleet]] = {"cluster": ClusterFleet, "sentinel": WatchedFleet}


class FleetProgram(Program):
    """In the place of the one Redis. Which of its servers die, and come back, is the fault's own."""

    def __init__(self, kind: str, directory: Path) -> None:
        super().__init__("redis", [], directory / "redis.log", lambda: True)
        self.fleet = FLEETS[kind](directory / kind)
        try:
            self.fleet.start()
        except AssertionError as error:
            self.fleet.stop()
            raise NotStarted(f"the {kind} of Redis servers does not come up: {error}") from error

    def begin(self) -> None:
        """It runs from the start."""

    def kill(self) -> None:
        """All of it."""
        self.fleet.stop()

    async def fail_over(self, for_s: float) -> None:
        """``kill -9`` of a master; another takes its place, and it comes back as that one's replica."""
        await asyncio.to_thread(self._fail_over, for_s)

    def _fail_over(self, for_s: float) -> None:
        with self.fleet.killed_master():
            time.sleep(for_s)
