"""Everything that is asked of Redis: calls of one event-loop turn go out together, every caller gets its own answer."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Any

from redis.exceptions import AuthenticationError, ResponseError

from chat.errors import Unavailable
from storage.background import Background
from storage.failures import NotLetIn
from storage.redis.cluster import Cluster
from storage.redis.failures import WrongKind, code
from storage.redis.line import Asked, Line, fail
from storage.redis.prepared import Prepared
from storage.redis.routes import Routes
from storage.redis.scripts import Script
from storage.redis.servers import SOLE, Servers, Watched
from storage.redis.wire import Word, pack

# About 1 ms of ours and of Redis': longer ones would only delay other calls, here and there.
_PORTION = 1_000
# What is under way when the owner leaves gets this long; a deadline ends each call sooner.
_LAST_ANSWERS_S = 10.0
_STATE = pack(("CLUSTER", "INFO"))


class Turn:
    """Everything that is sent to Redis but the bus's subscriptions. Enter it (``async with``) before the first call.

    An error in one call reaches only its caller. Calls raise Unavailable when Redis cannot be reached, does not answer
    within 3 s, refuses for now (it is loading, full, read-only, being rearranged), or when 20,000 wait already; such
    calls may or may not have been carried out. Nothing is repeated here, but for what did nothing at all: scripts that
    a server did not know, and, once, commands for which a Cluster's server pointed to another one. Calls on one key
    are carried out in order, but for those two. On a clean exit what was asked before is answered first.
    """

    def __init__(self, servers: Servers) -> None:
        self._servers = servers
        self._loop = asyncio.get_running_loop()
        self._background = Background()
        self._sole: Line | None = None
        self._routes: Routes | None = None
        self._is_checked = False

    async def __aenter__(self) -> Turn:
        await self._background.start()
        if isinstance(self._servers, Cluster):
            self._routes = Routes(self._servers, self._background, self._refused)
            return self
        self._sole = Line(SOLE, self._servers.open, self._background, self._refused, lambda: None)
        if isinstance(self._servers, Watched):
            self._servers.watchers.append(self._sole.drop)
            self._background.begin(self._servers.follow())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(self._servers, Watched) and self._sole is not None:
            self._servers.watchers.remove(self._sole.drop)
        ends: Line | Routes | None = self._sole or self._routes
        self._sole = self._routes = None
        try:
            if error is None and ends is not None and (waiting := ends.unanswered):
                await asyncio.wait(waiting, timeout=_LAST_ANSWERS_S)
        finally:
            if ends is not None:
                ends.close()
            await self._background.stop(kind, error, trace)

    def ask(self, *words: Word) -> asyncio.Future[Any]:
        """Send a command, whose key if any is its second word, and await the reply: bytes, int, None, or a list.

        Raises Unavailable, or the driver's ResponseError for a mistake in the command.
        """
        return self._send(words, None)

    def run(self, script: Script, keys: Sequence[str], *arguments: Word) -> asyncio.Future[Any]:
        """Send a script by its name; Redis forgets scripts when it restarts, then it goes again with its whole text.

        Otherwise as ``ask``. All keys are in one slot.
        """
        return self._send(("EVALSHA", script.sha, len(keys), *keys, *arguments), script)

    async def ask_all(self, commands: Iterable[tuple[Word, ...]]) -> list[Any]:
        """The replies in order. Raises the first error as ``ask`` does; the others are carried out all the same."""
        return await asyncio.gather(*[self.ask(*words) for words in commands])

    async def ask_prepared(self, commands: Sequence[Prepared]) -> list[Any]:
        """As ``ask_all``, for thousands: 1,000 at a time, so that other calls get between, here and at Redis."""
        replies: list[Any] = []
        for start in range(0, len(commands), _PORTION):
            replies += await self._portion(commands[start : start + _PORTION])
        return replies

    async def ping(self) -> None:
        """One round trip. All masters of a Cluster are asked whether it is whole. Raises Unavailable."""
        if self._routes is None:
            await self.ask("PING")
        else:
            lines = await self._routes.all_lines()
            states = await asyncio.gather(*[line.send_many([_STATE]) for line in lines])
            if not all(isinstance(state, bytes) and b"cluster_state:ok" in state for (state,) in states):
                raise Unavailable("the Cluster is not whole")

    async def check(self) -> None:
        """Whether the address is right: ping, and learn what answers there.

        Raises Unavailable, WrongKind for a Cluster at a plain address or the reverse, NotLetIn.
        """
        try:
            await self.ping()
        except Unavailable as error:
            if isinstance(error.__cause__, AuthenticationError):
                said = str(error.__cause__).rstrip(".")
                raise NotLetIn(f"user name or password is missing or wrong ({said})") from None
            raise
        if self._sole is not None and b"cluster_enabled:1" in await self.ask("INFO", "cluster"):
            raise WrongKind("it is part of a Cluster, whose address begins with redis+cluster:// or rediss+cluster://")

    async def about(self) -> str:
        """What the server, or one of a Cluster's, says it is: ``Valkey 9.1.2``."""
        told: bytes = await self.ask("INFO", "server")
        facts = dict(line.split(":", 1) for line in told.decode().splitlines() if ":" in line)
        name = facts.get("server_name", "redis")  # Redis does not say its name
        kind = " (Cluster)" if self._routes is not None else ""
        return f"{name.capitalize()} {facts.get(f'{name}_version', facts['redis_version'])}{kind}"

    # --- on the way --------------------------------------------------------------------------------------------------

    def _send(self, words: tuple[Word, ...], script: Script | None) -> asyncio.Future[Any]:
        asked: Asked = (self._loop.create_future(), words, script, False)
        if self._sole is not None:
            self._sole.send(asked, pack(words))
        elif self._routes is not None:
            self._routes.send(asked)
        else:
            fail(asked, Unavailable("closing: nothing more is sent"))
        return asked[0]

    async def _portion(self, commands: Sequence[Prepared]) -> list[Any]:
        replies = await self._by_line(commands)
        for at, reply in enumerate(replies):
            if type(reply) is ResponseError:  # perhaps its slot is being moved: by itself it is redirected
                replies[at] = await self.ask(*commands[at].words)
        return replies

    async def _by_line(self, commands: Sequence[Prepared]) -> list[Any]:
        if self._routes is None:
            if self._sole is None:
                raise Unavailable("closing: nothing more is sent")
            return await self._sole.send_many([each.packed for each in commands])
        return await self._routes.send_many(commands)

    def _refused(self, line: Line, asked: Asked, error: ResponseError) -> None:
        answer, words, script, is_redirected = asked
        kind = code(error)
        if kind == "NOSCRIPT" and script is not None:
            # EVAL, not SCRIPT LOAD: on Cluster it also goes to the server that has the keys.
            in_full = ("EVAL", script.text, *words[2:])
            line.send((answer, in_full, None, is_redirected), pack(in_full))
        elif kind in ("MOVED", "ASK") and self._routes is not None:
            self._routes.redirect(line, asked, error)
        else:
            if kind == "READONLY":  # it was the master when this connection was made
                line.drop(error)
            elif kind == "CLUSTERDOWN" and self._routes is not None:
                self._routes.look_again()
            fail(asked, error)
