"""A visitor and two agents over two gateways."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

import pytest

from chat.protocol.catalogue import Refusal
from chat.protocol.codec import MSGPACK
from chat.protocol.frames import Claim, ClientFrame, Marks, MarkView, Role, Welcome
from gateway.client import Client, NotCarriedOut
from tests.gateway.ear import Ear
from tests.gateway.house import House, RunningGateway


@dataclass
class Scene:
    """A visitor and Ada on the first gateway, Bob on the second."""

    house: House
    first: RunningGateway
    second: RunningGateway
    visitor: Ear
    ada: Ear
    bob: Ear

    @property
    def here(self) -> UUID:
        return self.visitor.client.conversation

    def told(self) -> list[MarkView]:
        """How far the agents' side got, as the visitor heard it."""
        return [frame.mark for frame in self.visitor.all(Marks, mark__role=Role.AGENT)]

    async def begin(self, text: str = "Hello?") -> None:
        await self.visitor.client.post(self.here, text)

    async def claimed_by_bob(self) -> None:
        await self.begin()
        await self.bob.client.ask(Claim(0, self.here))


@asynccontextmanager
async def a_scene(house: House, *, subprotocol: str = MSGPACK.subprotocol) -> AsyncIterator[Scene]:
    """Everybody is there, and nobody has said anything."""
    first, second = await house.gateway(), await house.gateway()
    spoken = {"subprotocol": subprotocol}
    async with AsyncExitStack() as stack:
        visitor = await stack.enter_async_context(Ear(house.visitor(first, **spoken)))
        ada = await stack.enter_async_context(Ear(await house.agent(first, "Ada", **spoken)))
        bob = await stack.enter_async_context(Ear(await house.agent(second, "Bob", **spoken)))
        yield Scene(house, first, second, visitor, ada, bob)


async def refusal_of(client: Client, frame: ClientFrame) -> tuple[int, str]:
    """The refusal's code and detail."""
    with pytest.raises(NotCarriedOut) as refused:
        await client.ask(frame)
    return refused.value.refused.code, refused.value.refused.detail


async def refused_post(client: Client, conversation: UUID) -> tuple[Refusal | int, str]:
    """The refusal's code and detail, where nothing may be said."""
    with pytest.raises(NotCarriedOut) as refused:
        await client.post(conversation, "May I?")
    return refused.value.refused.code, refused.value.refused.detail


def visitor_id(ear: Ear) -> UUID:
    assert isinstance(ear.client.welcome, Welcome)
    return ear.client.welcome.visitor
