"""What a gateway is given: ports and services, wired by the composition root."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from chat.clock import Clock
from chat.conversations.details import Details
from chat.conversations.known_sites import KnownSites
from chat.conversations.people import People
from chat.conversations.service import ConversationService
from chat.conversations.views import Views
from chat.delivery.pipeline import Delivery
from chat.inspection.repeats import Repeats
from chat.ports import (
    Bus,
    Conversations,
    MarkBoard,
    Messages,
    Numbers,
    Presence,
    SignIns,
    Tickets,
    Visitors,
    Workspaces,
)
from chat.sealing.messages import MessageSealer
from chat.visitors.token import VisitorTokens


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that sockets need."""

    clock: Clock
    bus: Bus
    numbers: Numbers
    messages: Messages
    conversations: Conversations
    visitors: Visitors
    marks: MarkBoard
    presence: Presence
    sites: KnownSites
    workspaces: Workspaces
    sign_ins: SignIns
    tickets: Tickets
    service: ConversationService
    delivery: Delivery
    sealer: MessageSealer
    details: Details
    views: Views
    people: People
    repeats: Repeats
    tokens: VisitorTokens
    own_origins: frozenset[str]
    """Where Aican's own pages come from: the panel's frame and the console."""
    pings: Mapping[str, Callable[[], Awaitable[None]]]
    """Stores by name, and how to ask whether each is there. A ping raises Unavailable."""
