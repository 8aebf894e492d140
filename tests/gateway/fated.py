"""A bus that loses, doubles and delays what a test wants it to, and a talk that is followed through it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from uuid import UUID

from chat.ids import ConversationId
from chat.model import Conversation, Sealed
from chat.ports import Bus
from chat.protocol.facts import MessageStored, conversation_topic, decode_fact, encode_fact
from chat.protocol.frames import Claim
from gateway.socket.parts import Parts
from tests.gateway.ear import Ear
from tests.gateway.house import House, RunningGateway
from tests.gateway.waiting import until

Item = tuple[str, bytes] | None
Fate = Callable[[Item], list[Item]]


class FatedBus:
    """A bus whose facts arrive as ``fate`` decides."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self.fate: Fate = lambda item: [item]
        self.publish = bus.publish
        self.subscribe = bus.subscribe
        self.unsubscribe = bus.unsubscribe
        self.ping = bus.ping

    async def facts(self) -> AsyncIterator[Item]:
        async for item in self._bus.facts():
            for fated in self.fate(item):
                yield fated


async def fated_gateway(house: House) -> tuple[RunningGateway, FatedBus]:
    buses: list[FatedBus] = []

    def change(parts: Parts) -> Parts:
        buses.append(FatedBus(parts.bus))
        return replace(parts, bus=buses[0])

    return await house.gateway(change=change), buses[0]


def is_message(item: Item) -> bool:
    return item is not None and item[0].startswith("c:") and isinstance(decode_fact(item[1]), MessageStored)


def seq_of(item: Item) -> int:
    assert item is not None
    fact = decode_fact(item[1])
    assert isinstance(fact, MessageStored)
    return fact.sealed.seq


@dataclass
class Talk:
    """A visitor on a gateway with a good bus, and one who looks on from a gateway with a fated one."""

    house: House
    speaker: Ear
    onlooker: Ear
    gateway: RunningGateway
    bus: FatedBus
    here: UUID

    async def says(self, *texts: str) -> None:
        for text in texts:
            await self.speaker.client.post(self.here, text)

    @property
    def record(self) -> Conversation:
        record = self.gateway.gateway.feeds._entries[ConversationId(self.here)].feed.record
        assert record is not None
        return record

    async def sealed(self, seq: int, text: str, client_id: UUID | None = None) -> Sealed:
        """A text of the visitor's, as somebody else's gateway would have sealed it."""
        return await self.house.sealed(self.record, seq, text, client_id=client_id)

    async def publish(self, sealed: Sealed) -> None:
        await self.house.stores.bus.publish(conversation_topic(self.here), encode_fact(MessageStored(sealed)))


@asynccontextmanager
async def a_talk(house: House) -> AsyncIterator[Talk]:
    """The visitor's conversation with one agent; what the onlooker was sent has no hole."""
    good = await house.gateway()
    gateway, bus = await fated_gateway(house)
    async with Ear(await house.agent(good)) as speaker, Ear(house.visitor(gateway)) as onlooker:
        here = onlooker.client.conversation
        await onlooker.client.post(here, "0")
        await speaker.client.ask(Claim(0, here))
        await until(lambda: len(onlooker.messages(here)) == 2)
        yield Talk(house, speaker, onlooker, gateway, bus, here)
        # Clients ask again for what they miss. Here the gateway did without that: it never sent a hole.
        assert onlooker.client.connects == 1
