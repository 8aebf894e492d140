"""The two ends that a connection joins: the peer that it carries frames for, and the gateway that it belongs to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol, TypeVar

from chat.protocol.catalogue import Closure
from chat.protocol.frames import Beat, ClientFrame
from gateway.socket.inbox import Work

Joining = TypeVar("Joining", contravariant=True)
"""The connection itself: this page knows only what it joins."""


class Peer(Protocol):
    """Who is at the other end, once they said so."""

    async def handle(self, frame: ClientFrame) -> None:
        """Carry out a frame. Raises Unavailable when a store is away."""

    def beat(self, frame: Beat) -> None:
        """Answer a heartbeat, at once."""

    def left(self) -> None:
        """The connection is gone."""


class Host(Protocol[Joining]):
    """What a connection asks of the gateway that it belongs to."""

    def opened(self, connection: Joining) -> None:
        """Somebody dialled; nothing is known of them yet."""

    def closed(self, connection: Joining) -> None:
        """The connection is gone."""

    def look_at(self, connection: Joining, due: float) -> None:
        """Have it looked at (``Connection.look``) at ``due``, monotonic seconds, instead of when it was to be."""

    def away(self) -> list[str]:
        """What keeps it from serving: names of stores, ``starting``, ``draining``; empty when it serves."""
        ...

    def spawn(self, work: Work) -> asyncio.Task[None]:
        """Run something that ends by itself. Its failure is logged and ends nothing else."""
        ...

    def after_turn(self, work: Callable[[], None]) -> None:
        """Call it when this turn of the event loop is over."""

    async def welcome(self, connection: Joining, frame: ClientFrame) -> Closure | None:
        """Find out who a connection is; a closure says why it may not stay. Raises Unavailable."""
        ...
