"""``aican web``: the HTTP process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import structlog
import uvloop

from chat.accounts.bearers import Bearers
from chat.accounts.entrance import Entrance
from chat.accounts.passwords import Passwords
from chat.accounts.people import People
from chat.accounts.throttle import Throttle
from chat.transcripts.transcripts import Transcripts
from config.settings import Settings, load
from gateway.bootstrap import Stores, membership, open_stores
from gateway.commands.running import logging_to, stopped
from gateway.web.app import create_app
from gateway.web.parts import WebParts
from gateway.web.serve import serve

FRONT_END = Path(__file__).parents[2] / "widget" / "dist"
"""Where the front end's build writes."""


@click.command("web")
def command() -> None:
    """Serve pages, sign-in, REST and export."""
    settings = load()
    logging_to(settings.log_level)
    uvloop.run(_serve(settings))


async def _serve(settings: Settings) -> None:
    async with open_stores(settings) as stores, stopped() as stop:
        with hashing() as passwords:
            app = create_app(web_parts(stores, settings, passwords))
            await serve(app, settings.web_host, settings.web_port, stop=stop, listening=_told)


def _told(port: int) -> None:
    structlog.get_logger().info("web listens", port=port)


@contextmanager
def hashing() -> Iterator[Passwords]:
    """The threads that hash passwords, closed at the end."""
    passwords = Passwords()
    try:
        yield passwords
    finally:
        passwords.close()


def web_parts(stores: Stores, settings: Settings, passwords: Passwords) -> WebParts:
    """What the web server is made of."""
    members = People(stores.accounts, stores.workspaces, stores.fields, passwords, stores.clock)
    return WebParts(
        public_url=settings.public_url,
        gateway_url=settings.gateway_url,
        front_end=FRONT_END,
        workspaces=stores.workspaces,
        sites=stores.sites,
        entrance=Entrance(
            people=members,
            accounts=stores.accounts,
            sign_ins=stores.sign_ins,
            tickets=stores.tickets,
            fields=stores.fields,
            passwords=passwords,
            throttle=Throttle(stores.budgets, stores.ring.derive("throttle/v1")),
            bus=stores.bus,
            clock=stores.clock,
        ),
        membership=membership(stores, passwords),
        bearers=Bearers(stores.api_tokens, stores.clock),
        transcripts=transcripts(stores),
        trusted_proxies=settings.proxies,
        pings={"mongodb": stores.ping_mongodb, "redis": stores.ping_redis},
    )


def transcripts(stores: Stores) -> Transcripts:
    """The rules of transcripts on these stores."""
    return Transcripts(
        conversations=stores.conversations,
        messages=stores.messages,
        sites=stores.sites,
        accounts=stores.accounts,
        visitors=stores.visitors,
        fields=stores.fields,
        sealer=stores.sealer,
        details=stores.details,
    )
