"""``aican gateway``: the WebSocket process, or several on one port."""

from __future__ import annotations

import asyncio
import gc

import click
import uvloop

from config.settings import Settings, load
from config.values import MOST_PROCESSES
from gateway.bootstrap import gateway_parts, open_stores
from gateway.commands import checks
from gateway.commands.running import logging_to, stopped
from gateway.commands.several import Several, own_command
from gateway.socket.server import Gateway


@click.command("gateway")
@click.option(
    "--processes",
    type=click.IntRange(1, MOST_PROCESSES),
    help="So many on one port, each on a core of its own. Default: AICAN_GATEWAY_PROCESSES, or 1.",
)
@click.option("--shared-port", is_flag=True, hidden=True, help="Other gateways listen on the same port.")
def command(processes: int | None, shared_port: bool) -> None:
    """Serve WebSockets: the widget's and the console's."""
    settings = load()
    logging_to(settings.log_level)
    count = processes or settings.gateway_processes
    if not shared_port:
        # Before the stores, which may be waited for; and a port that is shared is never taken later.
        checks.port(settings.gateway_host, settings.gateway_port, "AICAN_GATEWAY_PORT")
    if count == 1 or shared_port:
        _collect_rarely()
        uvloop.run(_serve(settings, shared=shared_port))
    else:
        asyncio.run(_keep(count))


def _collect_rarely() -> None:
    """Ten thousand connections are millions of objects that stay: looking through them for cycles after every 700 new
    ones, as Python does, takes time for nothing. What has been imported is never looked at again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)


async def _keep(count: int) -> None:
    async with stopped() as stop:
        await Several(own_command(), count, stop).run()


async def _serve(settings: Settings, *, shared: bool) -> None:
    async with open_stores(settings) as stores, stopped() as stop:
        gateway = Gateway(gateway_parts(stores, settings))
        try:
            await gateway.serve(settings.gateway_host, settings.gateway_port, stop=stop, shared=shared)
        except (OSError, UnicodeError) as error:
            host, port = settings.gateway_host, settings.gateway_port
            raise checks.cannot_listen(error, host, port, "AICAN_GATEWAY_PORT") from error
