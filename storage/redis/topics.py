"""Topics that are wanted, and how a deployment speaks of them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import NamedTuple, Protocol

from storage.redis.servers import Node


class Words(NamedTuple):
    """How a deployment publishes and subscribes, and how many topics may go in one command."""

    publish: str
    subscribe: str
    unsubscribe: str
    together: int


# 512: a command of 25 KB, so that thousands of topics come back in a few packets.
PLAIN = Words("PUBLISH", "SUBSCRIBE", "UNSUBSCRIBE", 512)
# Sharded: each slot's channels live with its keys. One command may only name channels of one slot, so it names one.
SHARDED = Words("SPUBLISH", "SSUBSCRIBE", "SUNSUBSCRIBE", 1)


class Home(Protocol):
    """Where topics are heard: a connection to one server."""

    @property
    def node(self) -> Node:
        """The server."""
        ...

    def leave(self, some: Iterable[Wanted]) -> None:
        """Do not hear these any more."""


class Wanted:
    """A topic that is to be heard."""

    __slots__ = ("channel", "confirmed", "home", "topic")

    def __init__(self, topic: str, channel: str) -> None:
        self.topic = topic
        self.channel = channel
        self.confirmed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done when the server has confirmed it on the present connection."""
        self.home: Home | None = None
        """Who is to hear it."""

    def forget(self) -> bool:
        """It is not heard any more. Whether it was."""
        was_heard = self.confirmed.done() and not self.confirmed.cancelled()
        if was_heard:
            self.confirmed = asyncio.get_running_loop().create_future()
        return was_heard
