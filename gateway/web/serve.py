"""Serving the application: hypercorn on uvloop, with limits, ended in order."""

from __future__ import annotations

import asyncio
import logging
import socket
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
BACKLOG = 512
"""Connections that may wait while the event loop is busy."""
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
    listener = _listening(host, port)
    sockets = Sockets([], [listener], [])
    server = asyncio.create_task(
        worker_serve(ASGIWrapper(cast(Any, app)), configuration(), sockets=sockets, shutdown_trigger=stop.wait)
    )
    listening(listener.getsockname()[1])
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


def configuration() -> Config:
    """hypercorn's settings: attributes that it knows, so that a slip of the pen is an error here and not silence."""
    config = Config()
    wanted: dict[str, Any] = {
        "include_server_header": False,
        "accesslog": None,
        "errorlog": logging.getLogger("hypercorn.error"),
        "loglevel": "WARNING",
        "backlog": BACKLOG,
        # A head of more than 16 KiB that is still not whole is none of ours; it must come within the keep-alive time.
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


def _listening(host: str, port: int) -> socket.socket:
    """Bound before anything else starts, so that a taken port is one clear line; from here on who connects may wait."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        why = (error.strerror or str(error)).partition(" (while")[0]
        raise OperatorError(
            f"The web server cannot listen on {host}:{port}: {why}.",
            "Free the port, or set AICAN_WEB_HOST and AICAN_WEB_PORT.",
        ) from error
    listener.setblocking(False)
    return listener
