"""``aican gateway``: the WebSocket process."""

from __future__ import annotations

import click
import uvloop

from config.settings import Settings, load
from gateway.bootstrap import gateway_parts, open_stores
from gateway.commands import checks
from gateway.commands.running import logging_to, stopped
from gateway.socket.server import Gateway


@click.command("gateway")
def command() -> None:
    """Serve WebSockets: the widget's and the console's."""
    settings = load()
    logging_to(settings.log_level)
    uvloop.run(_serve(settings))


async def _serve(settings: Settings) -> None:
    async with open_stores(settings) as stores, stopped() as stop:
        gateway = Gateway(gateway_parts(stores, settings))
        try:
            await gateway.serve(settings.gateway_host, settings.gateway_port, stop=stop)
        except (OSError, UnicodeError) as error:
            host, port = settings.gateway_host, settings.gateway_port
            raise checks.cannot_listen(error, host, port, "AICAN_GATEWAY_PORT") from error
