"""Businesses for the measurements: workspaces with agents, visitors and claimed conversations, made by the product."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from chat.clock import new_id
from chat.ids import VisitorId, next_conversation
from chat.model import Account, Actor, Conversation, Refusal, Site, Workspace
from chat.protocol.codec import MSGPACK
from chat.protocol.frames import Hello, HelloAgent
from chat.visitors.token import VisitorTokens
from config.settings import Settings
from gateway.bootstrap import Stores, conversation_service, first_run, open_stores
from tests.bench.aican.wire import FIREFOX
from tests.bench.errors import BenchError
from tests.bench.load.wire import Seat
from tests.gateway.house import PAGE, House

AGENTS = 20
"""Agents of one business: their presence and queue are shown to each other, so this is part of the work."""
_TOGETHER = 64
"""Conversations made at once."""


@dataclass(frozen=True, slots=True)
class Place:
    """A conversation that an agent has claimed."""

    site: Site
    account: Account
    conversation: Conversation


async def furnish(settings: Settings, count: int) -> list[Place]:
    """``count`` claimed conversations, each with an agent of its own, twenty agents to a business."""
    await first_run(settings)
    async with open_stores(settings) as stores:
        first = await stores.workspaces.first()
        assert first is not None
        house = House(settings, stores, first, (await stores.sites.of(first.id))[0])
        places: list[Place] = []
        while len(places) < count:
            workspace, site = await house.elsewhere()
            places += await _business(house, workspace, site, min(AGENTS, count - len(places)))
        return places


async def _business(house: House, workspace: Workspace, site: Site, agents: int) -> list[Place]:
    gate = asyncio.Semaphore(_TOGETHER)

    async def one(number: int) -> Place:
        async with gate:
            name = f"agent-{workspace.id}-{number}"
            account = await house.account(name, workspace=workspace)
            return await _claimed(house.stores, site, account, name)

    return await asyncio.gather(*[one(number) for number in range(agents)])


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


async def seats(settings: Settings, places: Sequence[Place], ports: Sequence[int]) -> list[tuple[Seat, Seat]]:
    """A visitor's and an agent's seat in each place, on different gateways where there are several.

    Agents' tickets are good for 30 s, so dial soon.
    """
    async with open_stores(settings) as stores:
        first = await stores.workspaces.first()
        assert first is not None
        house = House(settings, stores, first, (await stores.sites.of(first.id))[0])
        tokens = VisitorTokens(stores.ring.derive("visitor-token/v1"))
        tops = await stores.numbers.tops([place.conversation.id for place in places])
        found = []
        for number, (place, top) in enumerate(zip(places, tops, strict=True)):
            position = int(top or 0)
            visitor = Seat(_port(ports, number), _hello(tokens, place, position), place.conversation.id.bytes)
            ticket = await house.ticket(place.account)
            hello = MSGPACK.encode(HelloAgent(1, ticket, [(place.conversation.id, position)], True))
            found.append((visitor, Seat(_port(ports, number + 1), hello, place.conversation.id.bytes)))
        return found


def _hello(tokens: VisitorTokens, place: Place, position: int) -> bytes:
    token = tokens.make(place.site.id, place.conversation.visitor, now_ms=place.conversation.opened_at)
    return MSGPACK.encode(Hello(1, place.site.id, token, PAGE, place.conversation.id, position))


def _port(ports: Sequence[int], number: int) -> int:
    return ports[number % len(ports)]
