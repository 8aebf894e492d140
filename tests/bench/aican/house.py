"""Businesses for the measurements: workspaces with agents, visitors and claimed conversations, made by the product."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from chat.clock import new_id
from chat.ids import AccountId, VisitorId, next_conversation
from chat.model import Account, Actor, Conversation, Refusal, Site
from chat.protocol.codec import MSGPACK
from chat.protocol.frames import Hello, HelloAgent
from chat.visitors.token import VisitorTokens
from config.settings import Settings
from gateway.bootstrap import Stores, conversation_service, open_stores
from tests.bench.aican.wire import FIREFOX
from tests.bench.errors import BenchError
from tests.bench.load.wire import Seat
from tests.gateway.house import PAGE, House

_TOGETHER = 64
"""Conversations made at once."""


@dataclass(frozen=True, slots=True)
class Business:
    """How many agents work in one, and how many conversations each of them has claimed.

    Agents of a business are shown each other's presence and queue, so this is part of the work.
    """

    agents: int
    conversations: int


PAIRED = Business(agents=20, conversations=1)
"""For pairs: each agent talks with one visitor."""
CROWDED = Business(agents=1, conversations=64)
"""For thousands of open panels: as many conversations as one agent's connection follows."""


@dataclass(frozen=True, slots=True)
class Place:
    """A conversation that an agent has claimed."""

    site: Site
    account: Account
    conversation: Conversation


@dataclass(frozen=True, slots=True)
class Attendant:
    """An agent's seat, and the conversations that this agent has claimed."""

    seat: Seat
    conversations: list[bytes]


async def furnish(settings: Settings, count: int, kind: Business) -> list[Place]:
    """``count`` claimed conversations in as many businesses as that takes; the first run was made."""
    async with _house(settings) as house:
        places: list[Place] = []
        while len(places) < count:
            places += await _business(house, kind)
        return places[:count]


async def _business(house: House, kind: Business) -> list[Place]:
    workspace, site = await house.elsewhere()
    names = [f"agent-{workspace.id}-{number}" for number in range(kind.agents)]
    accounts = [await house.account(name, workspace=workspace) for name in names]
    gate = asyncio.Semaphore(_TOGETHER)

    async def one(number: int) -> Place:
        async with gate:
            at = number % kind.agents
            return await _claimed(house.stores, site, accounts[at], names[at])

    return await asyncio.gather(*[one(number) for number in range(kind.agents * kind.conversations)])


async def _claimed(stores: Stores, site: Site, account: Account, name: str) -> Place:
    service = conversation_service(stores)
    visitor = VisitorId(new_id(stores.clock))
    actor = Actor.visitor(site.workspace, site.id, visitor)
    conversation = next_conversation(visitor, None)
    details = await stores.details.seal(site.workspace, visitor, conversation, PAGE, FIREFOX)
    await service.begin(actor, conversation, details)
    outcome = await service.claim(Actor.agent(site.workspace, account.id, account.role), conversation, name)
    if isinstance(outcome, Refusal):
        raise BenchError(f"a conversation could not be claimed: {outcome.text}")
    return Place(site, account, outcome)


async def visitors(settings: Settings, places: Sequence[Place], ports: Sequence[int]) -> list[Seat]:
    """Each place's visitor, who has seen everything up to now; in turn on each port."""
    async with _house(settings) as house:
        tokens = VisitorTokens(house.stores.ring.derive("visitor-token/v1"))
        tops = await _tops(house, places)
        return [
            Seat(ports[number % len(ports)], _hello(tokens, place, top), place.conversation.id.bytes)
            for number, (place, top) in enumerate(zip(places, tops, strict=True))
        ]


async def agents(settings: Settings, places: Sequence[Place], ports: Sequence[int]) -> list[Attendant]:
    """Who claimed these places and has seen everything up to now; in turn on each port.

    Dial within 30 s: a ticket is good for so long.
    """
    async with _house(settings) as house:
        watched: dict[AccountId, tuple[Account, list[tuple[UUID, int]]]] = {}
        for place, top in zip(places, await _tops(house, places), strict=True):
            watched.setdefault(place.account.id, (place.account, []))[1].append((place.conversation.id, top))
        found = []
        for number, (account, positions) in enumerate(watched.values()):
            hello = HelloAgent(1, await house.ticket(account), positions, True)
            names = [conversation.bytes for conversation, _ in positions]
            found.append(Attendant(Seat(ports[number % len(ports)], MSGPACK.encode(hello), names[0]), names))
        return found


async def _tops(house: House, places: Sequence[Place]) -> list[int]:
    tops = await house.stores.numbers.tops([place.conversation.id for place in places])
    return [int(top or 0) for top in tops]


def _hello(tokens: VisitorTokens, place: Place, position: int) -> bytes:
    token = tokens.make(place.site.id, place.conversation.visitor, now_ms=place.conversation.opened_at)
    return MSGPACK.encode(Hello(1, place.site.id, token, PAGE, place.conversation.id, position))


@asynccontextmanager
async def _house(settings: Settings) -> AsyncIterator[House]:
    async with open_stores(settings) as stores:
        first = await stores.workspaces.first()
        assert first is not None
        yield House(settings, stores, first, (await stores.sites.of(first.id))[0])
