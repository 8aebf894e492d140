"""Draining: a gateway that is told to stop moves its clients to others, a few at a time, and loses nothing."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Set
from math import ceil

from chat.protocol.catalogue import DRAINING
from gateway.socket.connection import CLOSE_S, Connection

STEP_S = 0.05
MOVED_A_SECOND = 2_500
"""Clients asked to move: as many as one other gateway shows in within a second."""
LONGEST_S = 15.0
"""However many there are, the last one is asked by then."""
PAUSE_MS = 250
"""Each comes back within this time, at random, so that those of one step do not come as one."""
DRAIN_S = 25.0
"""By then everything that was sent is worked off, or hangs: supervisors kill after 30 s."""


async def drain(connections: Set[Connection]) -> None:
    """Hang up on all ``connections``, a set that whoever owns it keeps up to date; returns when it is empty.

    Who has not been asked to move yet is served as before. Whose frames are being carried out is let finish. What is
    left after 27 s is cut.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + DRAIN_S
    staying = random.sample(list(connections), len(connections))
    a_step = max(ceil(MOVED_A_SECOND * STEP_S), ceil(len(staying) * STEP_S / LONGEST_S))
    leaving: list[Connection] = []
    while connections and loop.time() < deadline:
        asked, staying = staying[:a_step], staying[a_step:]
        for connection in asked:
            connection.farewell(DRAINING, after_ms=random.randrange(PAUSE_MS))  # noqa: S311 - spreads load only
        leaving = [connection for connection in (*leaving, *asked) if not _released(connection)]
        if not staying and not leaving:
            break
        await asyncio.sleep(STEP_S)
    await _hang_up(connections)


def _released(connection: Connection) -> bool:
    """Hang up, unless frames are being carried out."""
    if not connection.is_busy:
        connection.close(DRAINING)
    return not connection.is_busy


async def _hang_up(connections: Set[Connection]) -> None:
    for connection in list(connections):
        connection.close(DRAINING)
    loop = asyncio.get_running_loop()
    deadline = loop.time() + CLOSE_S
    while connections and loop.time() < deadline:  # noqa: ASYNC110 - it is the last of many events that counts
        await asyncio.sleep(STEP_S)
