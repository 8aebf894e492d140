"""A visitor and an agent talk; whichever gateways they are on."""

from __future__ import annotations

import asyncio

import pytest

from chat.protocol.frames import Claim, ConversationChanged, Done, Kind, Queue, State
from gateway.client import Client
from tests.gateway.house import House

pytestmark = pytest.mark.stores


async def next_of(client: Client, kind: type, **wanted: object) -> object:
    """The next frame of this kind with these fields."""
    async with asyncio.timeout(10):
        async for frame in client:
            if isinstance(frame, kind) and all(getattr(frame, name) == value for name, value in wanted.items()):
                return frame
    raise AssertionError("the client was closed")


async def test_a_message_reaches_the_agent_and_the_answer_comes_back(house: House) -> None:
    first, second = await house.gateway(), await house.gateway()
    async with house.visitor(first) as visitor, await house.agent(second) as agent:
        await next_of(agent, Queue)
        accepted = await visitor.post(visitor.conversation, "Do you ship to Jersey?")
        assert accepted.seq == 1
        changed = await next_of(agent, ConversationChanged)
        assert changed.conversation.state is State.WAITING
        assert await agent.ask(Claim(0, visitor.conversation)) == Done(2)
        await agent.post(visitor.conversation, "Yes, we do.")
        said = []
        async with asyncio.timeout(10):
            async for _, message in visitor.messages():
                said.append((message.seq, message.kind, message.body))
                if len(said) == 3:
                    break
    assert said == [(1, Kind.TEXT, "Do you ship to Jersey?"), (2, Kind.JOINED, "Ada"), (3, Kind.TEXT, "Yes, we do.")]
