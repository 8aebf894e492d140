"""``aican jobs``: the process for background work."""

from __future__ import annotations

import click
import uvloop

from config.settings import Settings, load
from gateway.bootstrap import conversation_service, open_stores
from gateway.commands.running import logging_to, stopped
from gateway.jobs import JobParts, Jobs


@click.command("jobs")
def command() -> None:
    """Run background work: expiry, idle conversations."""
    settings = load()
    logging_to(settings.log_level)
    uvloop.run(_run(settings))


async def _run(settings: Settings) -> None:
    async with open_stores(settings) as stores, stopped() as stop:
        parts = JobParts(
            clock=stores.clock,
            invitations=stores.invitations,
            api_tokens=stores.api_tokens,
            conversations=stores.conversations,
            messages=stores.messages,
            service=conversation_service(stores),
        )
        await Jobs(parts).run(stop=stop)
