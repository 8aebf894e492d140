"""Whether this process lives, and whether it can do its work."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from chat.errors import Unavailable

PING_SECONDS = 2.0
"""Below the usual deadline of a load balancer's probe."""


class HealthPages:
    """``/healthz`` and ``/readyz``."""

    def __init__(self, pings: Mapping[str, Callable[[], Awaitable[None]]]) -> None:
        self._pings = pings

    async def lives(self, request: Request) -> Response:
        """200 as long as the event loop turns. It asks no store: a restart would not bring one back."""
        return JSONResponse({"status": "alive"})

    async def ready(self, request: Request) -> Response:
        """200 when every store answers, else 503 with the names of those that are away."""
        names = list(self._pings)
        answers = await asyncio.gather(*(_answers(self._pings[name]) for name in names))
        away = [name for name, there in zip(names, answers, strict=True) if not there]
        return JSONResponse({"status": "away", "away": away}, 503) if away else JSONResponse({"status": "ready"})


async def _answers(ping: Callable[[], Awaitable[None]]) -> bool:
    try:
        async with asyncio.timeout(PING_SECONDS):
            await ping()
    except (Unavailable, TimeoutError):
        return False
    return True
