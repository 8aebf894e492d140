"""What every request passes, in the order of ``gateway.web.app.middleware``. Pure ASGI: streams stay streams."""

from __future__ import annotations

import asyncio

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.web.address import Address
from gateway.web.answers import BROKEN, Failure, answer, by_status, failure_of

SEND_SECONDS = 60.0
"""How long a client may take for one piece of an answer (64 KiB). Then it is cut: nobody holds a reader open."""
PROBES = frozenset({"/healthz", "/readyz"})
"""Asked by load balancers under whatever name they know; they tell nothing that a name would protect."""
_METHODS = frozenset({"GET", "HEAD", "POST"})
_log = structlog.get_logger()


class OnlyHttp:
    """Refuses WebSockets (the gateway's) and every method that no route here takes. CONNECT must not get further:
    a 2xx answer to it breaks hypercorn 0.18 (pgjones/hypercorn#277)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A WebSocket is closed with 1008, another method is answered 405, all else passes."""
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        elif scope["type"] == "http" and scope["method"] not in _METHODS:
            response = await answer(scope, by_status(405, {"Allow": ", ".join(sorted(_METHODS))}))
            await response(scope, receive, send)
        else:
            await self._app(scope, receive, send)


class SecureHeaders:
    """Adds to every answer what makes browsers careful, unless the answer itself says otherwise."""

    def __init__(self, app: ASGIApp, address: Address) -> None:
        self._app = app
        self._headers = {
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",
            "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
            "Cache-Control": "no-store",
        }
        if address.is_https:
            self._headers["Strict-Transport-Security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An answer's head gets those of the headers that it lacks; its body passes untouched."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, with_headers)


class Failures:
    """The last resort. Nothing sent yet: a calm answer, and the whole error in the log. In the middle of an answer:
    the connection breaks off, because a short export must not look like a whole one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers what ``failure_of`` knows as it says, all else with 500; raises again what has no answer any more."""
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception as error:
            failure = failure_of(error)
            if failure is None or started:
                _log.exception("request failed", method=scope.get("method"), path=scope.get("path"), started=started)
            if started or scope["type"] != "http":
                raise
            response = await answer(scope, failure or BROKEN)
            await response(scope, receive, send)


class PatientSends:
    """Cuts clients that do not read."""

    def __init__(self, app: ASGIApp, seconds: float = SEND_SECONDS) -> None:
        self._app = app
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Raises TimeoutError, which ends the connection, when one piece is not taken in time."""

        async def in_time(message: Message) -> None:
            async with asyncio.timeout(self._seconds):
                await send(message)

        await self._app(scope, receive, in_time)


class KnownHosts:
    """Answers under its own names only, so that no other name can be put into anything (DNS rebinding, caches)."""

    def __init__(self, app: ASGIApp, address: Address) -> None:
        self._app = app
        self._hosts = address.hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers 400 ``unknown_host`` unless the one Host header is a name of ours; probes pass under any."""
        if scope["type"] != "http" or scope["path"] in PROBES or self._is_known(scope):
            await self._app(scope, receive, send)
            return
        failure = Failure(400, "unknown_host", "This server does not answer under that name. See AICAN_PUBLIC_URL.")
        await (await answer(scope, failure))(scope, receive, send)

    def _is_known(self, scope: Scope) -> bool:
        given = Headers(scope=scope).getlist("host")
        return len(given) == 1 and given[0].lower() in self._hosts


class SameOrigin:
    """Against requests that a foreign page makes a browser send (CSRF, sign-in CSRF included).

    Browsers tell where a POST comes from in ``Sec-Fetch-Site`` and ``Origin``; both must say that it is ours. Where
    neither is there, it is no browser: it passes if it carries no cookie that a browser could have added.
    """

    def __init__(self, app: ASGIApp, address: Address) -> None:
        self._app = app
        self._origins = address.origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a foreign POST 403 ``foreign_origin``; all else passes."""
        if scope["type"] != "http" or scope["method"] != "POST" or self._is_ours(Headers(scope=scope)):
            await self._app(scope, receive, send)
            return
        failure = Failure(403, "foreign_origin", "This request comes from another site's page.")
        await (await answer(scope, failure))(scope, receive, send)

    def _is_ours(self, headers: Headers) -> bool:
        fetched_from, origins = headers.getlist("sec-fetch-site"), headers.getlist("origin")
        if not fetched_from and not origins:
            return "cookie" not in headers
        return all(site in {"same-origin", "none"} for site in fetched_from) and all(
            origin in self._origins for origin in origins
        )
