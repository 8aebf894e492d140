"""Tasks that work for an adapter as long as it is entered."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from types import TracebackType


class Background:
    """Started when its owner is entered, cancelled when the owner is left.

    A task that fails takes the owner's block down at once and raises an ExceptionGroup from it. The block's own
    exceptions pass as they are.
    """

    def __init__(self) -> None:
        self._group = asyncio.TaskGroup()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self, *work: Coroutine[object, object, None]) -> None:
        """Begin to work. Call it once, from the owner's ``__aenter__``: the task that enters is the one that leaves."""
        await self._group.__aenter__()
        self._tasks = [self._group.create_task(each) for each in work]

    async def stop(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Cancel the work and wait for its end. Call it from ``__aexit__`` with what that was given.

        Raises an ExceptionGroup of what failed, if anything did.
        """
        for task in self._tasks:
            task.cancel()
        if isinstance(error, asyncio.CancelledError):  # perhaps the group's own doing; it knows
            await self._group.__aexit__(kind, error, trace)
        else:
            await self._group.__aexit__(None, None, None)
