"""Questions that wait for their answers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

from chat.protocol.frames import Refused, ServerFrame
from gateway.client.failures import NotCarriedOut

_REFS = 2**32 - 1


class Questions:
    """Pairs answers with questions by ``ref``."""

    def __init__(self) -> None:
        self._last = 0
        self._open: dict[int, asyncio.Future[ServerFrame]] = {}

    def next_ref(self) -> int:
        """A ref that no open question has."""
        self._last = self._last % _REFS + 1
        return self._last

    async def ask(self, ref: int, sending: Awaitable[None], *, within_s: float) -> ServerFrame:
        """The answer to what is being sent. Raises TimeoutError when none came within that time, NotCarriedOut
        when it is a refusal, and what ``sending`` raises or ``fail`` was given (ConnectionError, Closed)."""
        answer: asyncio.Future[ServerFrame] = asyncio.get_running_loop().create_future()
        answer.add_done_callback(_looked_at)
        self._open[ref] = answer  # before sending: the answer may come before the sender goes on
        try:
            await sending
            async with asyncio.timeout(within_s):
                return await answer
        finally:
            del self._open[ref]

    def answered(self, frame: ServerFrame) -> None:
        """Give a frame to whoever asked for it; most were not asked for."""
        answer = self._open.get(frame.ref)
        if answer is None or answer.done():
            return
        if isinstance(frame, Refused):
            answer.set_exception(NotCarriedOut(frame))
        else:
            answer.set_result(frame)

    def fail(self, error: Exception) -> None:
        """No answer comes any more."""
        for answer in self._open.values():
            if not answer.done():
                answer.set_exception(error)


def _looked_at(answer: asyncio.Future[ServerFrame]) -> None:
    """A question whose sending failed has told its asker already."""
    if not answer.cancelled():
        answer.exception()
