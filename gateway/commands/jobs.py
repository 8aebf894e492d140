"""``aican jobs``: the process for background work."""

from __future__ import annotations

import click
import uvloop

from config.settings import Settings, load
from gateway.bootstrap import job_parts, open_stores
from gateway.commands.running import logging_to, stopped
from gateway.jobs import Jobs


@click.command("jobs")
def command() -> None:
    """Run background work: expiry, idle conversations."""
    settings = load()
    logging_to(settings.log_level)
    uvloop.run(_run(settings))


async def _run(settings: Settings) -> None:
    async with open_stores(settings) as stores, stopped() as stop:
        await Jobs(job_parts(stores)).run(stop=stop)
