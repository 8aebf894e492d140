"""``aican web``: the HTTP process."""

from __future__ import annotations

import click
import structlog
import uvloop

from config.settings import Settings, load
from gateway.bootstrap import hashing, open_stores, web_parts
from gateway.commands import checks
from gateway.commands.running import logging_to, stopped
from gateway.web.app import create_app
from gateway.web.serve import serve


@click.command("web")
def command() -> None:
    """Serve pages, sign-in, REST and export."""
    settings = load()
    logging_to(settings.log_level)
    checks.port(settings.web_host, settings.web_port, "AICAN_WEB_PORT")  # before the stores, which may be waited for
    uvloop.run(_serve(settings))


async def _serve(settings: Settings) -> None:
    async with open_stores(settings) as stores, stopped() as stop:
        with hashing() as passwords:
            app = create_app(web_parts(stores, settings, passwords))
            await serve(app, settings.web_host, settings.web_port, stop=stop, listening=_told)


def _told(port: int) -> None:
    structlog.get_logger().info("web listens", port=port)
