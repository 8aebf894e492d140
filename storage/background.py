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
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_over = False

    async def start(self, *work: Coroutine[object, object, None]) -> None:
        """Begin to work. Call it once, from the owner's ``__aenter__``: the task that enters is the one that leaves."""
        await self._group.__aenter__()
        for each in work:
            self.begin(each)

    def begin(self, work: Coroutine[object, object, None]) -> bool:
        """Begin with something more, which ends sooner or later. False, and nothing is begun, when the end has come."""
        try:
            if self._is_over:
                raise RuntimeError("left")
            task = self._group.create_task(work)
        except RuntimeError:  # or not entered, or about to be taken down
            work.close()
            return False
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

    async def stop(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Cancel the work and wait for its end. Call it from ``__aexit__`` with what that was given.

        Raises an ExceptionGroup of what failed, if anything did.
        """
        self._is_over = True
        for task in list(self._tasks):
            task.cancel()
        if isinstance(error, asyncio.CancelledError):  # perhaps the group's own doing; it knows
            await self._group.__aexit__(kind, error, trace)
        else:
            await self._group.__aexit__(None, None, None)
