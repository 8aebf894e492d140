"""The door between gateways."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from typing import Protocol


class Bus(Protocol):
    """Carries facts between gateways; texts only sealed. At most once, no memory, may lose in silence.

    Topics and facts are made by ``chat.protocol.facts``.
    """

    async def publish(self, topic: str, fact: bytes) -> None:
        """Hand a fact to everybody who is subscribed to the topic at this moment, nobody being one of the cases.

        Facts of one publisher on one topic arrive in the order they were published. Returns when the server took it.
        """
        ...

    async def subscribe(self, topics: Iterable[str]) -> None:
        """Returns when the server confirmed: what is published afterwards arrives. What was subscribed already stays.

        After Unavailable none of the topics that were not confirmed is subscribed.
        """
        ...

    async def unsubscribe(self, topics: Iterable[str]) -> None:
        """End subscriptions; unknown topics are passed over. Facts on their way may still arrive. Never Unavailable."""
        ...

    def facts(self) -> AsyncIterator[tuple[str, bytes] | None]:
        """What arrives, with its topic, for one reader. Ends when the bus is closed.

        None: the connection was lost and is back, or the reader fell too far behind; anything may have been missed.
        """
        ...

    async def ping(self) -> None:
        """Raises Unavailable while what is published may not be heard here; this process is not ready then."""
        ...
