"""A connection that listens to topics on one server."""

from __future__ import annotations

import asyncio
import random
import secrets
import time
from collections import deque
from collections.abc import Callable, Iterable
from enum import Enum, auto
from typing import Any, NamedTuple

from redis.exceptions import ConnectionError as Lost
from redis.exceptions import RedisError, ResponseError

from storage.redis.keys import beside
from storage.redis.line import Open
from storage.redis.servers import CONNECT_S, Node
from storage.redis.topics import PLAIN, SHARDED, Wanted, Words
from storage.redis.wire import Wire, pack

# Each second something is published that must be heard; if it is not within 0.6 s, once more. A connection that died in
# silence is found after 2.2 s at most and is back before three.
_PROBE_EACH_S = 1.0
_HEARD_WITHIN_S = 0.6
_MISSES = 2
# Between tries to connect: at first at once, then up to a second, at random so that gateways do not come in step.
_FIRST_PAUSE_S = 0.05
_LONGEST_PAUSE_S = 1.0

Publish = Callable[[str, str, bytes], "asyncio.Future[Any]"]
"""Word, channel and fact, on the way that all facts take."""


class Echo(Enum):
    """What became of a probe."""

    HEARD = auto()
    MISSED = auto()
    UNTOLD = auto()
    """It could not be published, which tells nothing about hearing as long as this connection answers."""
    ASTRAY = auto()
    """Its channel went to another server meanwhile."""


class Ears(NamedTuple):
    """What a subscriber tells."""

    fact: Callable[[str, bytes], None]
    """Something was said on a topic."""
    lost: Callable[[list[Wanted]], None]
    """These were heard, and are to be subscribed again; something may have been missed."""
    astray: Callable[[], None]
    """The server cannot be reached, or does not have some of the topics: they may have another home."""


class Subscriber:
    """Keeps one connection to a server and its topics on it; ``run`` is the work.

    The driver would reconnect and subscribe again in silence, so this class takes a bare connection: each loss is seen
    and told. That the connection is alive is not enough to know that facts arrive: a probe is published once a second
    on the way that facts take, and must be heard.
    """

    def __init__(self, node: Node, open_: Open, words: Words, publish: Publish, ears: Ears) -> None:
        self.node = node
        self.is_heard = False
        """Whether the last probe came."""
        self.was_deaf = False
        """Whether one did not; who asks sets it back."""
        self.tried: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done when the first probe came, or did not."""
        self.topics: dict[bytes, Wanted] = {}
        """By channel."""
        self._open = open_
        self._words = words
        self._publish = publish
        self._ears = ears
        self._wire: Wire | None = None
        self._orders: deque[tuple[str, Wanted | None]] = deque()
        """What was sent and is not answered; a server answers in order."""
        self._lost: asyncio.Future[Exception] = asyncio.get_running_loop().create_future()
        self._name = f"probe-{secrets.token_hex(8)}"
        self._probe: Wanted | None = None
        self._echo: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._is_alive = False
        kind = words.subscribe.lower()
        self._message = f"{kind.removesuffix('subscribe')}message".encode()
        self._farewell = words.unsubscribe.lower().encode()

    # --- topics ------------------------------------------------------------------------------------------------------

    def listen(self, some: Iterable[Wanted]) -> None:
        """Hear these, too; ``confirmed`` says when."""
        some = list(some)
        for wanted in some:
            wanted.home = self
            self.topics[wanted.channel.encode()] = wanted
        self._order(self._words.subscribe, some)  # else the next connection begins with everything

    def leave(self, some: Iterable[Wanted]) -> None:
        """Do not hear these any more."""
        some = list(some)
        for wanted in some:
            wanted.home = None
            del self.topics[wanted.channel.encode()]
        self._order(self._words.unsubscribe, some)

    def _order(self, word: str, some: list[Wanted]) -> None:
        if self._wire is None:
            return
        for start in range(0, len(some), self._words.together):
            portion = some[start : start + self._words.together]
            self._orders.extend((word, wanted) for wanted in portion)
            self._wire.write(pack((word, *[wanted.channel for wanted in portion])))

    def drop(self, reason: Exception) -> None:
        """Give the connection up, if there is one, and make another."""
        if self._wire is not None:
            self._wire.drop(reason)

    # --- the connection ----------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Connect, and again after each loss. On a Cluster until it has no topic and no connection any more."""
        pause_s = 0.0
        while True:
            await asyncio.sleep(pause_s * random.random())  # noqa: S311  spreads load, keeps no secret
            began = time.monotonic()
            try:
                await self._serve()
            except (RedisError, OSError):
                pass
            finally:
                self._forget_connection()
            lasted = time.monotonic() - began > CONNECT_S
            pause_s = _FIRST_PAUSE_S if lasted else min(max(_FIRST_PAUSE_S, pause_s * 2), _LONGEST_PAUSE_S)
            self._ears.astray()
            if not self.topics and self._words is SHARDED:
                return

    async def _serve(self) -> None:
        """Serve one connection until it is lost, which raises."""
        connection = await self._open(self.node)
        self._lost = asyncio.get_running_loop().create_future()
        self._wire = Wire(connection, self._take, self._lost.set_result)
        self._order(self._words.subscribe, list(self.topics.values()))
        await self._listen_for_echoes(self._wire)

    def _forget_connection(self) -> None:
        self._judge(is_heard=False)
        self._orders.clear()
        self._probe = None
        if self._wire is None:
            return
        self._wire.close()
        self._wire = None
        self._ears.lost([wanted for wanted in self.topics.values() if wanted.forget()])

    def _take(self, replies: list[Any]) -> None:
        self._is_alive = True
        topics, message, hear, has_heard = self.topics, self._message, self._ears.fact, False
        for reply in replies:
            if type(reply) is list and reply[0] == message:
                has_heard = True
                wanted = topics.get(reply[1])
                if wanted is not None:  # else it is a probe, or was left just now
                    hear(wanted.topic, reply[2])
            else:
                self._answered(reply)
        if has_heard and not self._echo.done():
            self._echo.set_result(None)

    def _answered(self, reply: Any) -> None:
        if isinstance(reply, list) and reply[0] == self._farewell and not self._is_expected(reply[1]):
            self._went_away(reply[1])
            return
        if not self._orders:
            raise Lost("a reply that nobody asked for")
        word, wanted = self._orders.popleft()
        if isinstance(reply, ResponseError):
            self._refused(word, wanted, reply)
        elif word == self._words.subscribe and wanted is not None and not wanted.confirmed.done():
            wanted.confirmed.set_result(None)

    def _is_expected(self, channel: bytes) -> bool:
        """Whether it answers us; else the server says that it does not have the channel any more."""
        if not self._orders:
            return False
        word, wanted = self._orders[0]
        return word == self._words.unsubscribe and wanted is not None and wanted.channel.encode() == channel

    def _went_away(self, channel: bytes) -> None:
        if self._probe is not None and channel == self._probe.channel.encode():
            self._probe.confirmed.cancel()  # who waits for it looks for another one
            self._probe = None
        wanted = self.topics.pop(channel, None)
        if wanted is None:
            return
        wanted.home = None
        if wanted.forget():
            self._ears.lost([wanted])
        self._ears.astray()

    def _refused(self, word: str, wanted: Wanted | None, error: ResponseError) -> None:
        if self._words is PLAIN:
            raise error
        if word == self._words.subscribe and wanted is not None:
            self._went_away(wanted.channel.encode())

    # --- whether anything arrives ------------------------------------------------------------------------------------

    async def _listen_for_echoes(self, wire: Wire) -> None:
        misses = 0
        while True:
            began = time.monotonic()
            echo = await self._next_echo(wire)
            misses = misses + 1 if echo is Echo.MISSED else 0
            if misses == _MISSES:
                raise Lost("nothing is heard")
            if echo is not Echo.ASTRAY:
                self._judge(is_heard=echo is Echo.HEARD)
                self.was_deaf = self.was_deaf or echo is not Echo.HEARD
            if echo is Echo.HEARD:
                await self._pause(began + _PROBE_EACH_S - time.monotonic())

    def _judge(self, *, is_heard: bool) -> None:
        self.is_heard = is_heard
        if not self.tried.done():
            self.tried.set_result(None)

    async def _next_echo(self, wire: Wire) -> Echo:
        """Publish a probe and wait for it, or for any fact: who lags behind is not deaf."""
        self._is_alive = False
        self._orders.append(("PING", None))
        wire.write(pack(("PING",)))
        probe = self._probed()
        await self._pause(_HEARD_WITHIN_S, probe.confirmed if probe else None)
        if probe is not self._probe:
            return Echo.ASTRAY
        if probe is None or not probe.confirmed.done():
            return Echo.UNTOLD if self._is_alive else Echo.MISSED
        self._echo = asyncio.get_running_loop().create_future()
        published = self._publish(self._words.publish, probe.channel, b"")
        published.add_done_callback(_seen)
        await self._pause(_HEARD_WITHIN_S, self._echo)
        if self._echo.done():
            return Echo.HEARD
        if probe is not self._probe:
            return Echo.ASTRAY
        is_published = published.done() and not published.cancelled() and published.exception() is None
        return Echo.MISSED if is_published or not self._is_alive else Echo.UNTOLD

    async def _pause(self, seconds: float, until: asyncio.Future[None] | None = None) -> None:
        """Raises when the connection is lost meanwhile."""
        waiting: set[asyncio.Future[Any]] = {self._lost} if until is None else {self._lost, until}
        await asyncio.wait(waiting, timeout=max(seconds, 0), return_when=asyncio.FIRST_COMPLETED)
        if self._lost.done():
            raise self._lost.result()

    def _probed(self) -> Wanted | None:
        """Our own channel at this server; None on a Cluster as long as there is no topic to be beside of."""
        if self._probe is not None:
            return self._probe
        neighbour = next(iter(self.topics.values())).channel if self._words is SHARDED and self.topics else ""
        if neighbour or self._words is PLAIN:
            self._probe = Wanted("", beside(neighbour, self._name))
            self._order(self._words.subscribe, [self._probe])
        return self._probe


def _seen(published: asyncio.Future[Any]) -> None:
    if not published.cancelled():
        published.exception()
