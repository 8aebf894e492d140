"""Facts that wait for whom they concern. One task works them off in order, and ends with the last."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any, Protocol, TypeAlias

from chat.errors import Unavailable
from chat.protocol.facts import AnyFact

WAITING = 1_000
"""Facts that may wait; more, and they are dropped and the record is read instead."""

Work: TypeAlias = Callable[[], Coroutine[Any, Any, None]]
Spawn: TypeAlias = Callable[[Work], "asyncio.Task[None]"]


class Owner(Protocol):
    """Whom facts concern."""

    def happened_now(self, fact: AnyFact) -> bool:
        """Take a fact if that needs no waiting, as it does with nearly all of them; it saves a task for each."""
        ...

    async def happened(self, fact: AnyFact) -> None:
        """Take a fact. Raises Unavailable: then it was missed."""

    def lost(self) -> None:
        """Facts were missed: the record is to be read when it can be."""


class Inbox:
    """Gives its owner one fact after the other, in the order they came."""

    __slots__ = ("_facts", "_owner", "_spawn")

    def __init__(self, spawn: Spawn, owner: Owner) -> None:
        self._spawn = spawn
        self._owner = owner
        self._facts: deque[AnyFact] | None = None
        """While they are worked off. Most inboxes are empty, and an empty deque takes 0.7 KiB."""

    def put(self, fact: AnyFact) -> None:
        """Never waits."""
        if self._facts is None:
            if self._owner.happened_now(fact):
                return
            self._facts = deque([fact])
            self._spawn(self._work)
        elif len(self._facts) < WAITING:
            self._facts.append(fact)
        else:
            self._facts.clear()
            self._owner.lost()

    async def _work(self) -> None:
        assert self._facts is not None
        try:
            while self._facts:
                await self._owner.happened(self._facts.popleft())
        except Exception as error:
            self._owner.lost()
            if not isinstance(error, Unavailable):
                raise
        finally:
            self._facts = None
