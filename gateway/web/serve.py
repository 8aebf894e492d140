"""Serving the application: hypercorn on uvloop, with limits, ended in order."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any, cast

import structlog
from hypercorn.app_wrappers import ASGIWrapper
from hypercorn.asyncio.run import worker_serve
from hypercorn.config import Config, Sockets
from starlette.applications import Starlette

from chat.errors import OperatorError

GRACE_SECONDS = 10.0
"""How long answers under way may take after the signal; then they are cut. Half of what supervisors usually wait."""
_log = structlog.get_logger()


async def serve(
    app: Starlette,
    host: str,
    port: int,
    *,
    stop: asyncio.Event,
    grace_seconds: float = GRACE_SECONDS,
    listening: Callable[[int], None] = lambda port: None,
) -> None:
    """Serve until ``stop`` is set; then take no new connection, and let answers under way end.

    ``listening`` is called with the port once connections are taken. Raises OperatorError when it cannot be had.
    """
    config = configuration(host, port)
    sockets = _sockets(config, host, port)
    server = asyncio.create_task(
        worker_serve(ASGIWrapper(cast(Any, app)), config, sockets=sockets, shutdown_trigger=stop.wait)
    )
    listening(sockets.insecure_sockets[0].getsockname()[1])
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait({server, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    await _ended(server, grace_seconds)


async def _ended(server: asyncio.Task[None], grace_seconds: float) -> None:
    """Wait for the server's end. hypercorn 0.18 waits for its connections without a deadline: so here is one."""
    done, _ = await asyncio.wait({server}, timeout=grace_seconds)
    if not done:
        _log.warning("answers under way were cut", after_seconds=grace_seconds)
        server.cancel()
    with suppress(asyncio.CancelledError):
        await server


def configuration(host: str, port: int) -> Config:
    """hypercorn's settings: attributes that it knows, so that a slip of the pen is an error here and not silence."""
    config = Config()
    wanted: dict[str, Any] = {
        "bind": [f"[{host}]:{port}" if ":" in host else f"{host}:{port}"],
        "include_server_header": False,
        "accesslog": None,
        "errorlog": logging.getLogger("hypercorn.error"),
        "loglevel": "WARNING",
        "backlog": 512,
        # A request's head fits 16 KiB, or it is none of ours; it must come within the keep-alive time.
        "h11_max_incomplete_size": 16 * 1024,
        "keep_alive_timeout": 15,
        "keep_alive_max_requests": 1_000,
        # Against floods within one HTTP/2 connection: few streams, small heads.
        "h2_max_concurrent_streams": 32,
        "h2_max_header_list_size": 16 * 1024,
        "h2_max_inbound_frame_size": 2**14,
        "max_app_queue_size": 10,
        "websocket_max_message_size": 1024,
        "graceful_timeout": 5,
    }
    for name, value in wanted.items():
        if not hasattr(config, name):
            raise AttributeError(f"hypercorn has no setting {name}")
        setattr(config, name, value)
    return config


def _sockets(config: Config, host: str, port: int) -> Sockets:
    """Bound before anything else starts, so that a taken port is one clear line."""
    try:
        sockets = config.create_sockets()
        for each in sockets.insecure_sockets:
            each.listen(config.backlog)  # from here on whoever connects waits instead of being turned away
        return sockets
    except OSError as error:
        raise OperatorError(
            f"The web server cannot listen on {host}:{port} ({error.strerror}).",
            "Free the port, or set AICAN_WEB_HOST and AICAN_WEB_PORT.",
        ) from error
