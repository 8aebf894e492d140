"""Facts that wait for whom they concern. One task works them off in order, and ends with the last."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeAlias

from chat.errors import Unavailable
from chat.protocol.facts import AnyFact

WAITING = 1_000
"""Facts that may wait; more, and they are dropped and the record is read instead."""

Work: TypeAlias = Callable[[], Coroutine[Any, Any, None]]
Spawn: TypeAlias = Callable[[Work], "asyncio.Task[None]"]


class Inbox:
    """``take`` is given each fact; ``lost`` is told when some were not taken, and reads the record when it can.

    ``take_now`` is asked first while nothing waits: it says whether it took the fact without waiting, as it can with
    nearly all of them. That saves a task for each.
    """

    __slots__ = ("_facts", "_lost", "_spawn", "_take", "_take_now")

    def __init__(
        self,
        spawn: Spawn,
        take: Callable[[AnyFact], Awaitable[None]],
        lost: Callable[[], None],
        take_now: Callable[[AnyFact], bool] = lambda _: False,
    ) -> None:
        self._spawn = spawn
        self._take = take
        self._take_now = take_now
        self._lost = lost
        self._facts: deque[AnyFact] | None = None
        """While they are worked off. Most inboxes are empty, and an empty deque takes 0.7 KiB."""

    def put(self, fact: AnyFact) -> None:
        """Never waits."""
        if self._facts is None:
            if self._take_now(fact):
                return
            self._facts = deque([fact])
            self._spawn(self._work)
        elif len(self._facts) < WAITING:
            self._facts.append(fact)
        else:
            self._facts.clear()
            self._lost()

    async def _work(self) -> None:
        assert self._facts is not None
        try:
            while self._facts:
                await self._take(self._facts.popleft())
        except Exception as error:
            self._lost()
            if not isinstance(error, Unavailable):
                raise
        finally:
            self._facts = None
