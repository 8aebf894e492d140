"""Which connection carries a command to a Cluster, and what to do when a server points elsewhere."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from redis.exceptions import ResponseError

from chat.errors import Unavailable
from storage.background import Background
from storage.redis.cluster import Cluster
from storage.redis.failures import WrongKind
from storage.redis.keys import slot
from storage.redis.line import MOST_WAITING, Asked, Line, Refused, fail
from storage.redis.prepared import Prepared
from storage.redis.servers import Node
from storage.redis.wire import Word, pack

# Between two looks at the map: while a replica takes over, which takes seconds, and callers are turned away anyway.
_LOOK_EACH_S = 0.25


class Routes:
    """One line for each master, and each command to the master that has its key's slot.

    A MOVED or ASK reply means that the server did nothing: the command goes once more, to where the reply points. Of
    calls on one key that are under way while its slot moves, later ones may be carried out first.
    """

    def __init__(self, cluster: Cluster, background: Background, refused: Refused) -> None:
        self._cluster = cluster
        self._background = background
        self._refused = refused
        self._lines: dict[Node, Line] = {}
        self._early: list[Asked] = []
        """What waits for the first map."""
        self._is_looking = False
        self._is_stale = False

    def send(self, asked: Asked) -> None:
        """To the owner of its key's slot, once that is known."""
        if not self._cluster.is_known:
            if len(self._early) >= MOST_WAITING:
                fail(asked, Unavailable("too much waits for Redis already"))
                return
            self._early.append(asked)
            self.look_again()
            return
        node = self._cluster.owner(_slot(asked[1]))
        if node is None:
            fail(asked, Unavailable("no server of the Cluster has this key now"))
            self.look_again()
        else:
            self.line(node).send(asked, pack(asked[1]))

    def line(self, node: Node) -> Line:
        """The one to this server."""
        line = self._lines.get(node)
        if line is None:
            line = Line(node, self._cluster.open, self._background, self._refused, self.look_again)
            self._lines[node] = line
        return line

    async def send_many(self, commands: Sequence[Prepared]) -> list[Any]:
        """Replies in order, errors among them. Raises Unavailable when any of the servers cannot answer."""
        await self._know_owners()
        owners = self._cluster.owners
        places: dict[Node | None, list[int]] = defaultdict(list)
        for at, each in enumerate(commands):
            places[owners[each.slot]].append(at)
        if None in places:
            self.look_again()
            raise Unavailable("no server of the Cluster has one of the keys now")
        asked = [
            self.line(node).send_many([commands[at].packed for at in some]) for node, some in places.items() if node
        ]
        replies: list[Any] = [None] * len(commands)
        for some, answers in zip(places.values(), await asyncio.gather(*asked), strict=True):
            for at, answer in zip(some, answers, strict=True):
                replies[at] = answer
        return replies

    async def all_lines(self) -> list[Line]:
        """One for each master. Raises Unavailable, and WrongKind when the address is no Cluster's."""
        await self._know_owners()
        return [self.line(node) for node in self._cluster.masters]

    async def _know_owners(self) -> None:
        if not self._cluster.is_known:
            await self._cluster.look(since=0)

    def redirect(self, line: Line, asked: Asked, error: ResponseError) -> None:
        """``MOVED <slot> <host>:<port>``: for good. ``ASK …``: this once, while the slot is being moved."""
        answer, words, script, is_redirected = asked
        kind, number, node = str(error).split(" ")
        if node.startswith(":"):  # "on the host where you reached me"
            node = line.node.rpartition(":")[0] + node
        if kind == "MOVED":
            self.look_again()
        if is_redirected:
            fail(asked, Unavailable("the Cluster is being rearranged"))
        elif kind == "MOVED":
            self._cluster.moved(int(number), node)
            self.line(node).send((answer, words, script, True), pack(words))
        else:
            # The script itself goes along: a second question would need a second permission.
            if script is not None:
                words = ("EVAL", script.text, *words[2:])
            permitted: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
            permitted.cancel()  # nobody waits for it
            line = self.line(node)
            line.send((permitted, ("ASKING",), None, True), pack(("ASKING",)))
            line.send((answer, words, None, True), pack(words))

    def look_again(self) -> None:
        """The map may be wrong."""
        self._is_stale = True
        if not self._is_looking:
            self._is_looking = self._background.begin(self._look())

    async def _look(self) -> None:
        try:
            while self._is_stale:
                self._is_stale = False
                await self._look_once()
                await asyncio.sleep(_LOOK_EACH_S)
        finally:
            self._is_looking = False

    async def _look_once(self) -> None:
        reason: Exception = Unavailable("no server of the Cluster can be asked")
        try:
            await self._cluster.look(since=self._cluster.looks)
        except (Unavailable, WrongKind) as error:
            reason = error
        early, self._early = self._early, []
        for asked in early:
            if self._cluster.is_known:
                self.send(asked)
            else:
                fail(asked, reason)
        masters = set(self._cluster.masters)
        for node, line in list(self._lines.items()):
            if node not in masters and not line.unanswered:
                line.close()
                del self._lines[node]

    @property
    def unanswered(self) -> list[asyncio.Future[Any]]:
        """Whoever waits now."""
        return [asked[0] for asked in self._early] + [each for line in self._lines.values() for each in line.unanswered]

    def close(self) -> None:
        """Hang up everywhere. Who still waits is told."""
        for asked in self._early:
            fail(asked, Unavailable("closing: nothing more is sent"))
        self._early.clear()
        for line in self._lines.values():
            line.close()


def _slot(words: tuple[Word, ...]) -> int:
    """Of the first key; 0 for what has none."""
    if words[0] in ("EVALSHA", "EVAL"):
        return slot(words[3]) if words[2] else 0
    return slot(words[1]) if len(words) > 1 else 0
