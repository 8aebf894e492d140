"""Facts between gateways, over Redis pub/sub."""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from types import TracebackType
from typing import TypeAlias

from redis.asyncio import Redis
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import ConnectionError as Lost
from redis.exceptions import RedisError

from chat.errors import Unavailable
from storage.background import Background
from storage.redis.client import ANSWER_S
from storage.redis.inbox import Inbox
from storage.redis.turn import Turn, command

Confirmation: TypeAlias = "asyncio.Future[None]"

# Pub/sub channels are shared by all databases of a server.
_PREFIX = "aican:"
# Asked each second whether it lives, a connection that answers nothing is given up after at most two.
_ALIVE_EACH_S = 1.0
_CONNECT_S = 2.0
# Topics in one command: a command of 25 KB, so that thousands of topics come back in a few packets.
_TOPICS = 512
# Between tries to connect: at first at once, then up to a second, at random so that gateways do not come in step.
_FIRST_PAUSE_S = 0.05
_LONGEST_PAUSE_S = 1.0


@dataclass(frozen=True, slots=True)
class Order:
    """A command of the subscribing connection, and who waits for its confirmations: one for each topic, in order."""

    word: str
    topics: Sequence[str]
    confirmations: Sequence[Confirmation] = ()


class RedisBus:
    """``Bus`` on one connection of its own. Enter it (``async with``) before the first call.

    The driver's own PubSub reconnects and subscribes again in silence, so this class uses a bare connection that never
    does: each loss is seen here, all topics are subscribed again, and once the server has confirmed them ``facts``
    yields None. ``subscribe`` while Redis is away waits up to 3 s for it to come back, then raises Unavailable and the
    topics are not subscribed; topics that had been subscribed before stay wanted through any outage.
    """

    def __init__(self, redis: Redis, turn: Turn) -> None:
        self._redis = redis
        self._turn = turn
        self._inbox = Inbox()
        self._background = Background()
        self._topics: dict[str, Confirmation] = {}
        """Wanted topics; the future is done when the server has confirmed it on the present connection."""
        self._orders: asyncio.Queue[Order] | None = None
        """What the present connection is to send, in order. None: there is no connection. Not bounded by itself: each
        entry belongs to a waiting caller, and a connection that does not take it is given up within 2 s."""
        self._unconfirmed: deque[Confirmation] = deque()
        """What was subscribed on the present connection, in order: Redis confirms in the same order."""
        self._heard = False

    async def __aenter__(self) -> RedisBus:
        await self._background.start(self._work())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._background.stop(kind, error, trace)

    async def publish(self, topic: str, fact: bytes) -> None:
        """See ``Bus``. One PUBLISH in the pipeline of this turn, whether anybody listens or not."""
        await self._turn.ask(command("PUBLISH", _PREFIX + topic, fact))

    def facts(self) -> AsyncIterator[tuple[str, bytes] | None]:
        """See ``Bus``. For one reader; it never slows the connection down, see ``Inbox``."""
        return self._inbox.taken()

    async def subscribe(self, topics: Iterable[str]) -> None:
        """See ``Bus``. One command for 512 topics; waits 3 s at most.

        Unavailable as well when somebody unsubscribes a topic that is not confirmed yet. A caller that is cancelled
        may leave the topics subscribed; ``unsubscribe`` settles that.
        """
        asked = list(dict.fromkeys(topics))
        self._want([topic for topic in asked if topic not in self._topics])
        waiting = [self._topics[topic] for topic in asked if not self._topics[topic].done()]
        if not waiting:
            return
        confirmed, late = await asyncio.wait(waiting, timeout=ANSWER_S)
        await self.unsubscribe(topic for topic in asked if self._topics.get(topic) in late)
        if late or any(each.cancelled() for each in confirmed):
            raise Unavailable("Redis did not confirm a subscription in time")

    async def unsubscribe(self, topics: Iterable[str]) -> None:
        """See ``Bus``. Returns at once: the connection sends it in its turn, and nobody waits for the confirmation."""
        known = [topic for topic in topics if topic in self._topics]
        for topic in known:
            self._topics.pop(topic).cancel()
        if self._orders is not None:
            _put(self._orders, [Order("UNSUBSCRIBE", some) for some in _portions(known)])

    def _want(self, topics: list[str]) -> None:
        for topic in topics:
            self._topics[topic] = asyncio.get_running_loop().create_future()
        if self._orders is not None:  # else the next connection begins with everything that is wanted then
            _put(self._orders, self._subscriptions(topics))

    def _subscriptions(self, topics: Iterable[str]) -> list[Order]:
        return [Order("SUBSCRIBE", some, [self._topics[topic] for topic in some]) for some in _portions(topics)]

    # --- the connection ----------------------------------------------------------------------------------------------

    async def _work(self) -> None:
        try:
            await self._keep_connected()
        finally:  # whether it was cancelled or broke: the reader of facts must not wait for ever
            self._inbox.close()

    async def _keep_connected(self) -> None:
        pause_s, lost_before = 0.0, False
        while True:
            await asyncio.sleep(pause_s * random.random())  # noqa: S311  spreads load, keeps no secret
            began = time.monotonic()
            connection: AbstractConnection = self._redis.connection_pool.make_connection()  # type: ignore[no-untyped-call]
            try:
                async with asyncio.timeout(_CONNECT_S):
                    await connection.connect()  # type: ignore[no-untyped-call]
                await self._use(connection, after_loss=lost_before)
            except* (RedisError, OSError):
                lasted = time.monotonic() - began > _CONNECT_S
                pause_s = _FIRST_PAUSE_S if lasted else min(max(_FIRST_PAUSE_S, pause_s * 2), _LONGEST_PAUSE_S)
            finally:
                lost_before = lost_before or self._orders is not None
                self._forget_connection()
                await connection.disconnect(nowait=True)

    async def _use(self, connection: AbstractConnection, *, after_loss: bool) -> None:
        """Serve the connection until it is lost, which raises."""
        orders: asyncio.Queue[Order] = asyncio.Queue()
        self._orders = orders
        _put(orders, self._subscriptions(self._topics))
        async with asyncio.TaskGroup() as tasks:
            if after_loss:
                tasks.create_task(self._tell_of_loss(list(self._topics.values())))
            tasks.create_task(self._write(connection, orders))
            tasks.create_task(self._read(connection))
            tasks.create_task(self._watch(orders))

    def _forget_connection(self) -> None:
        self._orders = None
        self._unconfirmed.clear()
        for topic, confirmation in self._topics.items():
            if confirmation.done():
                self._topics[topic] = asyncio.get_running_loop().create_future()

    async def _tell_of_loss(self, confirmations: list[Confirmation]) -> None:
        if confirmations:
            await asyncio.wait(confirmations)
        self._inbox.miss()

    async def _write(self, connection: AbstractConnection, orders: asyncio.Queue[Order]) -> None:
        while True:
            order = await orders.get()
            if not connection.is_connected:
                raise Lost("the connection is gone")  # sending would open another one, without our topics
            self._unconfirmed.extend(order.confirmations)
            await connection.send_command(order.word, *[_PREFIX + topic for topic in order.topics], check_health=False)

    async def _read(self, connection: AbstractConnection) -> None:
        while True:
            reply = await connection.read_response(timeout=float("inf"), disconnect_on_error=False)
            self._heard = True
            if not isinstance(reply, list):  # PONG, while nothing is subscribed
                continue
            if reply[0] == b"message":
                self._inbox.put(reply[1].decode()[len(_PREFIX) :], reply[2])
            elif reply[0] == b"subscribe":
                _confirm(self._unconfirmed.popleft())

    async def _watch(self, orders: asyncio.Queue[Order]) -> None:
        """A connection whose other end is gone without a word looks like a quiet one, unless it is asked."""
        while True:
            self._heard = False
            orders.put_nowait(Order("PING", []))
            await asyncio.sleep(_ALIVE_EACH_S)
            if not self._heard:
                raise Lost("the connection answers nothing")


def _put(orders: asyncio.Queue[Order], more: Iterable[Order]) -> None:
    for order in more:
        orders.put_nowait(order)


def _portions(topics: Iterable[str]) -> Iterator[list[str]]:
    left = iter(topics)
    while some := list(islice(left, _TOPICS)):
        yield some


def _confirm(confirmation: Confirmation) -> None:
    if not confirmation.done():
        confirmation.set_result(None)
