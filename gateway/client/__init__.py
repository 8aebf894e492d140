"""A small asynchronous client of the wire, for both roles. PROTOCOL.md says what it may rely on.

    async with visitor(gateway_url, site="demo") as chat:
        await chat.post(chat.conversation, "Hello")
        async for frame in chat:
            ...

It keeps what PROTOCOL.md asks of clients: posts wait in an outbox with their client ids until they are accepted,
through any number of reconnects; each message is yielded once, in order; gaps are asked for; heartbeats are sent.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from chat.protocol.frames import Hello, HelloAgent, Page
from gateway.client.client import NOWHERE, Client
from gateway.client.failures import Closed, NotCarriedOut, TooLong

__all__ = ["Client", "Closed", "NotCarriedOut", "TooLong", "agent", "visitor"]


def visitor(url: str, site: str, *, page: Page | None = None, token: str | None = None, **options: Any) -> Client:
    """A visitor of ``site``, for ``async with``. ``url`` is the gateway's, ws:// or wss://; ``options`` are further
    fields of ``Client``. ``token`` is what an earlier client's ``token`` was: the visitor is recognised by it. With its
    ``conversation`` as well they are shown that one also if it has ended meanwhile."""

    async def greet(client: Client, ref: int) -> Hello:
        position = client.positions.get(client.conversation, 0)
        known = None if client.conversation == NOWHERE else client.conversation
        return Hello(ref, site, client.token, page or Page(), known, position)

    return Client(url, greet, token=token, **options)


def agent(url: str, ticket: Callable[[], Awaitable[str]], **options: Any) -> Client:
    """An agent, for ``async with``. ``url`` and ``options`` as for ``visitor``.

    ``ticket`` is awaited for every connection: each ticket is good once. What it raises ends the client, but for
    OSError (ConnectionError, TimeoutError): then it is asked again with the next try.
    """

    async def greet(client: Client, ref: int) -> HelloAgent:
        return HelloAgent(ref, await ticket(), client.held(), client.available)

    return Client(url, greet, **options)
