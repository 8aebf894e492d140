"""Commands to one server: its connection is opened when there is something to send, and every reply finds its call."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeAlias

from redis.asyncio.connection import AbstractConnection
from redis.exceptions import InvalidResponse, RedisError, ResponseError
from redis.exceptions import TimeoutError as Late

from chat.errors import Unavailable
from storage.background import Background
from storage.redis.failures import told
from storage.redis.scripts import Script
from storage.redis.servers import Node
from storage.redis.wire import Wire, Word

# Longer than any command of ours takes, shorter than a sender's patience; half-open connections end here, too.
ANSWER_S = 3.0
# The deadline is looked at so many times within ANSWER_S, by one timer for all calls: it is late by a sixth at most.
_LOOKS = 6
# A quarter of a second of Redis at its fastest. More than that cannot be answered in time anyway.
MOST_WAITING = 20_000

Asked: TypeAlias = tuple["asyncio.Future[Any]", tuple[Word, ...], Script | None, bool]
"""A call under way: who waits for the reply, what was sent, the script it names if any, whether it was redirected.
A plain tuple, because there is one for every command of a busy gateway."""
Open: TypeAlias = Callable[[Node], Awaitable[AbstractConnection]]
"""Makes a connection within a deadline of its own. Raises RedisError or OSError."""
Refused: TypeAlias = Callable[["Line", Asked, ResponseError], None]
"""What to do about an error reply."""


class Batch:
    """Many small commands that one caller waits for. ``answer`` gets their replies in order, errors among them."""

    __slots__ = ("answer", "left", "replies")

    def __init__(self, answer: asyncio.Future[list[Any]], count: int) -> None:
        self.answer = answer
        self.left = count
        self.replies: list[Any] = []

    def fill(self, replies: Sequence[Any]) -> None:
        """Take the next replies; they are not more than ``left``."""
        self.replies.extend(replies)
        self.left -= len(replies)
        if not self.left and not self.answer.done():
            self.answer.set_result(self.replies)


class Line:
    """Sends at once and without waiting; commands are in flight while others are written, and stay in order.

    Nothing is repeated: what was asked on a connection that is lost, that could not be made, or that answers nothing
    for 3 s raises Unavailable; the next call opens a new one. At most 20,000 calls and 8 MB of them wait.
    """

    def __init__(
        self, node: Node, open_: Open, background: Background, refused: Refused, lost: Callable[[], None]
    ) -> None:
        """``lost`` is called when a connection ended or could not be made."""
        self.node = node
        self._open = open_
        self._background = background
        self._refused = refused
        self._tell_lost = lost
        self._loop = asyncio.get_running_loop()
        self._wire: Wire | None = None
        self._is_opening = False
        self._early: list[bytes] = []
        """What to send once the connection is there."""
        self._sent: deque[Asked | Batch] = deque()
        """What is not answered, in the order in which it was asked."""
        self._answered = 0
        self._marks: deque[int] = deque()
        """How much had been asked at the last looks."""
        self._timer: asyncio.TimerHandle | None = None

    def send(self, asked: Asked | Batch, packed: bytes) -> None:
        """One command, or a batch's."""
        wire = self._wire
        if len(self._sent) >= MOST_WAITING or (wire is not None and wire.is_full):
            fail(asked, Unavailable("too much waits for Redis already"))
            return
        self._sent.append(asked)
        if wire is not None:
            wire.write(packed)
        else:
            self._early.append(packed)
            if not self._is_opening:
                self._begin_opening()
        if self._timer is None:
            self._look()

    def send_many(self, packed: Sequence[bytes]) -> asyncio.Future[list[Any]]:
        """Many commands at once; see ``Batch``."""
        answer: asyncio.Future[list[Any]] = self._loop.create_future()
        self.send(Batch(answer, len(packed)), b"".join(packed))
        return answer

    @property
    def unanswered(self) -> list[asyncio.Future[Any]]:
        """Whoever waits for a reply now."""
        return [_waiting(asked) for asked in self._sent]

    @property
    def is_open(self) -> bool:
        """Whether there is a connection."""
        return self._wire is not None

    def drop(self, reason: Exception) -> None:
        """Give the connection up, after what is being handled at this moment."""
        if self._wire is not None:
            self._loop.call_soon(self._wire.drop, reason)

    def close(self) -> None:
        """Hang up. Who still waits is told."""
        if self._wire is not None:
            self._wire.close()
            self._wire = None
        self._end(Unavailable("closing: Redis' answer did not come in time"))

    # --- the connection ----------------------------------------------------------------------------------------------

    def _begin_opening(self) -> None:
        self._is_opening = self._background.begin(self._connect())
        if not self._is_opening:
            self._loop.call_soon(self._end, Unavailable("closing: nothing more is sent"))

    async def _connect(self) -> None:
        try:
            connection = await self._open(self.node)
            self._wire = Wire(connection, self._take, self._lost)
            if self._early:
                self._wire.write(b"".join(self._early))
                self._early.clear()
        except (RedisError, OSError) as error:
            self._end(error)
            self._tell_lost()
        finally:
            self._is_opening = False

    def _lost(self, reason: Exception) -> None:
        self._wire = None
        self._end(reason)
        self._tell_lost()
        if not isinstance(reason, (RedisError, OSError)):
            self._background.begin(_raise(reason))

    def _end(self, reason: Exception) -> None:
        """Nothing that was asked until now will be answered."""
        self._answered += len(self._sent)
        sent, self._sent = self._sent, deque()
        self._early.clear()
        for asked in sent:
            fail(asked, reason)

    # --- replies -----------------------------------------------------------------------------------------------------

    def _take(self, replies: list[Any]) -> None:
        sent, at, answered = self._sent, 0, 0
        while at < len(replies):
            if not sent:
                raise InvalidResponse("a reply that nobody asked for")
            asked = sent[0]
            if isinstance(asked, Batch):
                some = replies[at : at + asked.left]
                at += len(some)
                asked.fill(some)
                if asked.left:
                    break
                sent.popleft()
            else:
                sent.popleft()
                reply = replies[at]
                at += 1
                if type(reply) is ResponseError:
                    self._refused(self, asked, reply)
                elif not asked[0].done():  # its caller was not cancelled
                    asked[0].set_result(reply)
            answered += 1
        self._answered += answered

    # --- the deadline ------------------------------------------------------------------------------------------------

    def _look(self) -> None:
        """Whether everything that was under way so many looks ago is answered now."""
        self._timer = None
        if not self._sent:
            self._marks.clear()
            return
        if len(self._marks) == _LOOKS and self._answered < self._marks.popleft():
            reason = Late(f"no answer within {ANSWER_S:g} s")
            if self._wire is not None:
                self._wire.drop(reason)
            else:
                self._end(reason)
            return
        self._marks.append(self._answered + len(self._sent))
        self._timer = self._loop.call_later(ANSWER_S / _LOOKS, self._look)


def _waiting(asked: Asked | Batch) -> asyncio.Future[Any]:
    return asked.answer if isinstance(asked, Batch) else asked[0]


def fail(asked: Asked | Batch, reason: Exception) -> None:
    """Tell the caller, unless it was cancelled."""
    answer = _waiting(asked)
    if not answer.done():
        answer.set_exception(told(reason))


async def _raise(mistake: Exception) -> None:
    raise mistake
