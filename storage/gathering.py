"""What group commit needs: calls asked while earlier ones are under way go out together."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from time import monotonic
from types import TracebackType
from typing import Generic, NamedTuple, TypeVar

from chat.errors import Unavailable
from storage.background import Background

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")

# A call that waited this long is told so instead of being carried: in health nothing waits a tenth of it, and behind a
# store that hangs nobody waits for one deadline after the other.
_PATIENCE_S = 2.0
# What is under way when the owner closes gets this long; stores give up after 3 to 6 s, so nothing is cut off early.
_LAST_ANSWERS_S = 10.0


class _Call(NamedTuple, Generic[Asked, Answer]):
    asked: Asked
    answer: asyncio.Future[Answer]
    at: float


class Gathering(Generic[Asked, Answer]):
    """Carries calls in batches. An idle lane takes what one turn of the event loop asked, at once and with no delay;
    what comes while all ``lanes`` are busy, or less than ``apart_s`` seconds after a batch went, gathers and goes next,
    ``most`` in a batch.

    ``carry`` returns one answer or exception for each call, in order; what it raises every caller of the batch gets.
    At most ``waiting`` calls wait, 2 s at most; the others raise Unavailable, because by then the store is far behind
    and the sender, who keeps the message, is the better place to wait. Owned by ``async with``: a lane that ends takes
    the owner down; on a clean exit what was asked before is carried first.
    """

    def __init__(
        self,
        carry: Callable[[Sequence[Asked]], Awaitable[Sequence[Answer | Exception]]],
        *,
        lanes: int,
        most: int,
        waiting: int,
        apart_s: float = 0.0,
    ) -> None:
        self._carry = carry
        self._lane_count = lanes
        self._most = most
        self._apart_s = apart_s
        self._begun = -apart_s
        self._next = asyncio.Lock()
        self._queue: asyncio.Queue[_Call[Asked, Answer]] = asyncio.Queue(waiting)
        self._open = False
        self._lanes = Background()

    async def __aenter__(self) -> None:
        await self._lanes.start(*[self._lane() for _ in range(self._lane_count)])
        self._open = True

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open = False
        try:
            if error is None:
                await self._carry_the_last()
        finally:
            await self._lanes.stop(kind, error, trace)

    def put(self, asked: Asked) -> asyncio.Future[Answer]:
        """Ask without waiting. The future fails with Unavailable when too much waits or the owner is closing.

        Else it has the call's answer, or fails with what ``carry`` gave or raised for it. A caller that cancels the
        future loses only the answer: the call itself is still carried.
        """
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        if not self._open:
            answer.set_exception(Unavailable("closing: nothing more is sent"))
        elif self._queue.full():
            answer.set_exception(Unavailable(f"{self._queue.maxsize} calls wait for the store already"))
        else:
            self._queue.put_nowait(_Call(asked, answer, monotonic()))
        return answer

    async def _lane(self) -> None:
        batch: list[_Call[Asked, Answer]] = []
        try:
            while True:
                batch = []
                async with self._next:
                    await self._gather(batch)
                if batch:
                    await self._settle(batch)
                for _ in batch:
                    self._queue.task_done()
        finally:  # whether it was cancelled or broke: nobody waits for what will not come
            self._open = False
            for call in batch:
                _resolve(call.answer, Unavailable("closing: the store's answer did not come in time"))
            self._turn_away()

    async def _gather(self, batch: list[_Call[Asked, Answer]]) -> None:
        """Fill the next batch, in its time; it stays empty when all in it had waited too long."""
        batch.append(await self._queue.get())
        if (early := self._begun + self._apart_s - monotonic()) > 0:
            await asyncio.sleep(early)
        while len(batch) < self._most and not self._queue.empty():
            batch.append(self._queue.get_nowait())
        self._begun = monotonic()
        oldest = self._begun - _PATIENCE_S
        for call in batch:
            if call.at < oldest:
                _resolve(call.answer, Unavailable("the store is too far behind"))
                self._queue.task_done()
        batch[:] = [call for call in batch if call.at >= oldest]

    async def _settle(self, batch: list[_Call[Asked, Answer]]) -> None:
        answers: Sequence[Answer | Exception]
        try:
            answers = await self._carry([call.asked for call in batch])
        except Exception as error:
            answers = [error] * len(batch)
        for call, answer in zip(batch, answers, strict=True):
            _resolve(call.answer, answer)

    async def _carry_the_last(self) -> None:
        try:
            async with asyncio.timeout(_LAST_ANSWERS_S):
                await self._queue.join()
        except TimeoutError:
            return  # the cancelled lanes tell the callers

    def _turn_away(self) -> None:
        while not self._queue.empty():
            _resolve(self._queue.get_nowait().answer, Unavailable("closing: nothing more is sent"))


def _resolve(future: asyncio.Future[Answer], answer: Answer | Exception) -> None:
    if future.done():  # its caller was cancelled
        return
    if isinstance(answer, Unavailable):
        # One instance for each caller: a shared one would collect the tracebacks of all of them.
        fresh = Unavailable(*answer.args)
        fresh.__cause__ = answer.__cause__
        future.set_exception(fresh)
    elif isinstance(answer, Exception):
        future.set_exception(answer)
    else:
        future.set_result(answer)
