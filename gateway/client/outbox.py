"""Posts that are not accepted yet."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from chat.protocol.catalogue import Then
from chat.protocol.frames import Accepted, Post, ServerFrame
from gateway.client.failures import NotCarriedOut

_RETRY_S = 1.0
"""Before another try when the server named no time."""
_TURN_S = 0.02
"""Before another try when no answer came. Sending on a socket that was reset fails at once, without giving whoever
listens on it the turn to hear of the reset: without a pause it would be tried for ever."""


@dataclass(slots=True)
class _Draft:
    frame: Post
    accepted: asyncio.Future[Accepted]


class Outbox:
    """Keeps each post until it is accepted or refused for good, and sends it again with the same client id.

    In each conversation one is on its way at a time, so that none overtakes another whatever is refused.
    """

    def __init__(self, ask: Callable[[Post], Awaitable[ServerFrame]]) -> None:
        """``ask`` raises ConnectionError or TimeoutError where no answer came: the post is sent again."""
        self._ask = ask
        self._drafts: dict[UUID, deque[_Draft]] = {}
        self._workers: set[asyncio.Task[None]] = set()

    async def deliver(self, frame: Post) -> Accepted:
        """Returns once accepted. Raises NotCarriedOut when it is refused for good. Cancelled, it is not sent again."""
        draft = _Draft(frame, asyncio.get_running_loop().create_future())
        waiting = self._drafts.get(frame.conversation)
        if waiting is None:
            waiting = self._drafts[frame.conversation] = deque()
            worker = asyncio.create_task(self._work(frame.conversation, waiting))
            self._workers.add(worker)
            worker.add_done_callback(self._workers.discard)
        waiting.append(draft)
        return await draft.accepted

    async def close(self, error: Exception) -> None:
        """What was not accepted is not sent any more; whoever waits for it is told ``error``."""
        for waiting in self._drafts.values():
            for draft in waiting:
                if not draft.accepted.done():
                    draft.accepted.set_exception(error)
        for worker in list(self._workers):
            worker.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await worker

    async def _work(self, conversation: UUID, waiting: deque[_Draft]) -> None:
        try:
            while waiting:
                draft = waiting[0]
                while not draft.accepted.done():
                    await self._try(draft)
                waiting.popleft()
        finally:
            del self._drafts[conversation]

    async def _try(self, draft: _Draft) -> None:
        try:
            answer = await self._ask(draft.frame)
        except (ConnectionError, TimeoutError):
            await asyncio.sleep(_TURN_S)
            return
        except Exception as error:
            if isinstance(error, NotCarriedOut) and error.refused.then == Then.RETRY:
                await asyncio.sleep((error.refused.retry_after_ms or _RETRY_S * 1000) / 1000)
            elif not draft.accepted.done():
                draft.accepted.set_exception(error)
            return
        if not draft.accepted.done():
            assert isinstance(answer, Accepted)
            draft.accepted.set_result(answer)
