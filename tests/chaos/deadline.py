"""Work that has to end: what does not is told of, task by task, and given up."""

from __future__ import annotations

import asyncio
import faulthandler
from collections import Counter
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parents[2]
_DEEP = 12
"""Calls told of each task: the innermost."""
_GIVEN_UP_S = 5.0
"""For what was given up to clean up after itself; after that it is left where it stands."""
STUCK_S = 60.0
"""After the deadline. Whoever leaves nobody else a turn leaves none to the deadline either: then the process ends, and
tells on its way where its threads stand."""


class Hangs(Exception):
    """It did not end in time. The text says where each task stood then."""


async def within(seconds: float, work: Coroutine[Any, Any, None]) -> None:
    """Do it in a task of its own. Raises Hangs, after ``work`` was cancelled, and what ``work`` raises."""
    faulthandler.dump_traceback_later(seconds + STUCK_S, exit=True)
    task = asyncio.create_task(work)
    try:
        await asyncio.wait({task}, timeout=seconds)
        if not task.done():
            raise Hangs(f"not over after {seconds:g} s; tasks stand at\n{where_tasks_stand()}")
    finally:
        if not task.done():
            task.cancel()
            await asyncio.wait({task}, timeout=_GIVEN_UP_S)
        faulthandler.cancel_dump_traceback_later()
    await task


def where_tasks_stand() -> str:
    """Every other task of this loop, one a line, outermost call first; those at one place are told once, with how many
    they are."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    places = Counter(_place(task.get_coro()) for task in others)
    return "\n".join(f"    {count} × {place}" for place, count in places.most_common())


def _place(waiting: Any) -> str:
    """The calls from a coroutine, or an async generator, down to what it awaits."""
    calls = []
    while waiting is not None:
        frame = getattr(waiting, "cr_frame", None) or getattr(waiting, "gi_frame", None)
        if frame is not None:
            path = Path(frame.f_code.co_filename)
            shown = path.relative_to(_ROOT) if path.is_relative_to(_ROOT) else path.name
            calls.append(f"{frame.f_code.co_name} ({shown}:{frame.f_lineno})")
        waiting = getattr(waiting, "cr_await", None) or getattr(waiting, "gi_yieldfrom", None)
    return " > ".join(calls[-_DEEP:]) or "its beginning"
