"""What each process is made of."""

from __future__ import annotations

from pathlib import Path

from chat.accounts.bearers import Bearers
from chat.accounts.entrance import Entrance
from chat.accounts.passwords import Passwords
from chat.conversations.known_sites import KnownSites
from chat.conversations.people import People
from chat.conversations.views import Views
from chat.inspection.repeats import Repeats
from chat.visitors.token import VisitorTokens
from config.settings import Settings
from gateway.bootstrap.services import conversation_service, delivery, members, membership, throttle, transcripts
from gateway.bootstrap.stores import Stores
from gateway.jobs import JobParts
from gateway.socket.parts import Parts
from gateway.web.address import address_of
from gateway.web.parts import WebParts

FRONT_END = Path(__file__).parents[2] / "widget" / "dist"
"""Where the front end's build writes."""


def gateway_parts(stores: Stores, settings: Settings) -> Parts:
    """What the gateway is made of."""
    people = People(stores.accounts, stores.fields, stores.clock)
    sites = KnownSites(stores.sites, stores.clock)
    delivering = delivery(stores)
    return Parts(
        clock=stores.clock,
        bus=stores.bus,
        numbers=stores.numbers,
        messages=stores.messages,
        conversations=stores.conversations,
        visitors=stores.visitors,
        marks=stores.marks,
        presence=stores.presence,
        sites=sites,
        workspaces=stores.workspaces,
        sign_ins=stores.sign_ins,
        tickets=stores.tickets,
        service=conversation_service(stores, delivering),
        delivery=delivering,
        sealer=stores.sealer,
        details=stores.details,
        views=Views(stores.sealer, stores.details, people, stores.messages, stores.visitors, sites),
        people=people,
        repeats=Repeats(stores.ring.derive("repeats/v1")),
        tokens=VisitorTokens(stores.ring.derive("visitor-token/v1")),
        own_origins=address_of(settings.public_url).origins,
        pings={"mongodb": stores.ping_mongodb, "redis": stores.ping_redis, "bus": stores.bus.ping},
    )


def web_parts(stores: Stores, settings: Settings, passwords: Passwords, front_end: Path = FRONT_END) -> WebParts:
    """What the web server is made of. ``front_end`` is the folder that the front end's build wrote."""
    return WebParts(
        public_url=settings.public_url,
        gateway_url=settings.gateway_url,
        front_end=front_end,
        workspaces=stores.workspaces,
        sites=stores.sites,
        entrance=Entrance(
            people=members(stores, passwords),
            accounts=stores.accounts,
            sign_ins=stores.sign_ins,
            tickets=stores.tickets,
            fields=stores.fields,
            passwords=passwords,
            throttle=throttle(stores),
            bus=stores.bus,
            clock=stores.clock,
        ),
        membership=membership(stores, passwords),
        bearers=Bearers(stores.api_tokens, stores.clock),
        transcripts=transcripts(stores),
        trusted_proxies=settings.proxies,
        pings={"mongodb": stores.ping_mongodb, "redis": stores.ping_redis},
    )


def job_parts(stores: Stores) -> JobParts:
    """What background work is made of."""
    return JobParts(
        clock=stores.clock,
        invitations=stores.invitations,
        api_tokens=stores.api_tokens,
        conversations=stores.conversations,
        messages=stores.messages,
        service=conversation_service(stores),
    )
