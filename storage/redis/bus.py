"""Facts between gateways, over Redis pub/sub."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable
from types import TracebackType

from chat.errors import Unavailable
from storage.background import Background
from storage.redis.cluster import Cluster
from storage.redis.failures import WrongKind
from storage.redis.inbox import Inbox
from storage.redis.keys import channel, slot
from storage.redis.line import ANSWER_S
from storage.redis.servers import SOLE, Node, Servers, Watched
from storage.redis.subscriber import Ears, Subscriber
from storage.redis.topics import PLAIN, SHARDED, Home, Wanted
from storage.redis.turn import Turn

# Between two looks at a Cluster's map, while topics have no home.
_SETTLE_EACH_S = 0.25
# A process that starts is asked at once whether it is ready; its first probe is back within milliseconds.
_FIRST_ECHO_S = 1.0


class RedisBus:
    """``Bus`` on connections of its own: one, or on a Cluster one to each master that has topics of ours.

    Enter it (``async with``) before the first call. A connection that is lost, or on which a probe is not heard, is
    made anew with all its topics within 3 s; a topic whose slot moves is subscribed at its new owner. Once the server
    has confirmed what was lost ``facts`` yields None. ``subscribe`` while Redis is away waits up to 3 s for it to come
    back, then raises Unavailable and the topics are not subscribed; topics that had been subscribed before stay wanted
    through any outage. On a Cluster, facts published while their topic's slot moves may arrive in another order.
    """

    def __init__(self, servers: Servers, turn: Turn) -> None:
        self._servers = servers
        self._cluster = servers if isinstance(servers, Cluster) else None
        self._words = PLAIN if self._cluster is None else SHARDED
        self._turn = turn
        self._inbox = Inbox()
        self._background = Background()
        self._wanted: dict[str, Wanted] = {}
        self._subscribers: dict[Node, Subscriber] = {}
        self._is_open = False
        self._is_unsettled = asyncio.Event()
        """Set: some topics of a Cluster may have another home."""

    async def __aenter__(self) -> RedisBus:
        await self._background.start(self._work())
        self._is_open = True
        if self._cluster is not None:
            self._cluster.watchers.append(self._is_unsettled.set)
        else:
            sole = self._subscriber(SOLE)
            if isinstance(self._servers, Watched):
                self._servers.watchers.append(sole.drop)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_open = False
        if self._cluster is not None:
            self._cluster.watchers.remove(self._is_unsettled.set)
        elif isinstance(self._servers, Watched):
            self._servers.watchers.remove(self._subscribers[SOLE].drop)
        await self._background.stop(kind, error, trace)

    # --- the port ----------------------------------------------------------------------------------------------------

    async def publish(self, topic: str, fact: bytes) -> None:
        """See ``Bus``. One PUBLISH, on a Cluster SPUBLISH, with everything else of this turn, whoever listens."""
        await self._turn.ask(self._words.publish, channel(topic), fact)

    def facts(self) -> AsyncIterator[tuple[str, bytes] | None]:
        """See ``Bus``. For one reader; it never slows the connections down, see ``Inbox``."""
        return self._inbox.taken()

    async def subscribe(self, topics: Iterable[str]) -> None:
        """See ``Bus``. One command for 512 topics, on a Cluster for each; waits 3 s at most.

        Unavailable as well when somebody unsubscribes a topic that is not confirmed yet. A caller that is cancelled
        may leave the topics subscribed; ``unsubscribe`` settles that.
        """
        asked = list(dict.fromkeys(topics))
        fresh = {topic: Wanted(topic, channel(topic)) for topic in asked if topic not in self._wanted}
        self._wanted.update(fresh)
        self._place(fresh.values())
        waiting = [self._wanted[topic].confirmed for topic in asked if not self._wanted[topic].confirmed.done()]
        if not waiting:
            return
        confirmed, late = await asyncio.wait(waiting, timeout=ANSWER_S)
        await self.unsubscribe(each for each in asked if each in self._wanted and self._wanted[each].confirmed in late)
        if late or any(each.cancelled() for each in confirmed):
            raise Unavailable("Redis did not confirm a subscription in time")

    async def unsubscribe(self, topics: Iterable[str]) -> None:
        """See ``Bus``. Returns at once: the connection sends it in its turn, and nobody waits for the confirmation."""
        known = [self._wanted.pop(topic) for topic in dict.fromkeys(topics) if topic in self._wanted]
        for wanted in known:
            wanted.confirmed.cancel()
        self._take_from_homes(known)

    async def ping(self) -> None:
        """Raises Unavailable while what is published may not be heard, and once for a deafness that is over already.

        A repair may take less than the time between two looks. Waits up to 1 s for a server's first echo.
        """
        if untried := [each.tried for each in self._homes if not each.tried.done()]:
            await asyncio.wait(untried, timeout=_FIRST_ECHO_S)
        deaf = [each for each in self._homes if each.was_deaf]
        for each in deaf:
            each.was_deaf = False
        if deaf or not self.is_heard:
            raise Unavailable("what is published on the bus is not heard")

    @property
    def is_heard(self) -> bool:
        """Whether every topic has a connection on which the last probe was heard."""
        if not self._is_open or any(wanted.home is None for wanted in self._wanted.values()):
            return False
        return all(each.is_heard for each in self._homes)

    @property
    def _homes(self) -> list[Subscriber]:
        """Who is to hear something; one server is listened to even while nothing is wanted."""
        return [each for each in self._subscribers.values() if each.topics or self._cluster is None]

    # --- homes of topics ---------------------------------------------------------------------------------------------

    def _place(self, some: Iterable[Wanted]) -> None:
        """Give each to the subscriber of the server that has it; who finds none is looked after by ``_settle``."""
        if not self._is_open:
            return
        by_node: dict[Node, list[Wanted]] = {}
        for wanted in some:
            node = SOLE if self._cluster is None else self._cluster.owner(slot(wanted.channel))
            if node is None:
                self._is_unsettled.set()
            else:
                by_node.setdefault(node, []).append(wanted)
        for node, those in by_node.items():
            self._subscriber(node).listen(those)

    def _subscriber(self, node: Node) -> Subscriber:
        subscriber = self._subscribers.get(node)
        if subscriber is None:
            ears = Ears(self._inbox.put, self._lost, self._astray)
            subscriber = Subscriber(node, self._servers.open, self._words, self._turn.ask, ears)
            self._subscribers[node] = subscriber
            self._background.begin(self._run(subscriber))
        return subscriber

    async def _run(self, subscriber: Subscriber) -> None:
        await subscriber.run()
        del self._subscribers[subscriber.node]

    def _take_from_homes(self, some: Iterable[Wanted]) -> None:
        by_home: dict[Home, list[Wanted]] = {}
        for wanted in some:
            if wanted.home is not None:
                by_home.setdefault(wanted.home, []).append(wanted)
        for home, those in by_home.items():
            home.leave(those)

    # --- told by subscribers -----------------------------------------------------------------------------------------

    def _lost(self, some: list[Wanted]) -> None:
        """These are to be heard again; something may have been missed."""
        self._background.begin(self._tell_of_loss([wanted.confirmed for wanted in some]))

    async def _tell_of_loss(self, confirmed: list[asyncio.Future[None]]) -> None:
        if confirmed:
            await asyncio.wait(confirmed)
        self._inbox.miss()

    def _astray(self) -> None:
        """Some topics may have another home."""
        if self._cluster is not None:
            self._is_unsettled.set()

    # --- work --------------------------------------------------------------------------------------------------------

    async def _work(self) -> None:
        try:
            if self._cluster is not None:
                await self._keep_settled(self._cluster)
            else:
                await asyncio.Event().wait()
        finally:  # whether it was cancelled or broke: the reader of facts must not wait for ever
            self._inbox.close()

    async def _keep_settled(self, cluster: Cluster) -> None:
        while True:
            await self._is_unsettled.wait()
            with contextlib.suppress(Unavailable, WrongKind):  # then it stays unsettled
                await cluster.look(since=cluster.looks)
                self._is_unsettled.clear()
                self._settle(cluster)
            await asyncio.sleep(_SETTLE_EACH_S)

    def _settle(self, cluster: Cluster) -> None:
        """Move topics to where the map says."""
        misplaced = [
            wanted
            for wanted in self._wanted.values()
            if wanted.home is None or wanted.home.node != cluster.owner(slot(wanted.channel))
        ]
        self._take_from_homes(misplaced)
        if lost := [wanted for wanted in misplaced if wanted.forget()]:
            self._lost(lost)
        self._place(misplaced)
