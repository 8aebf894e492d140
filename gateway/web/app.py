"""The web application, composed: every route and every middleware in one list each."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from chat.errors import AicanError
from gateway.web.accounts import AccountPages
from gateway.web.address import Address, address_of
from gateway.web.answers import BadToken, NotSignedIn, answer_error
from gateway.web.health import HealthPages
from gateway.web.middleware import Failures, KnownHosts, OnlyHttp, PatientSends, SameOrigin, SecureHeaders
from gateway.web.pages import NotBuilt, Pages, answer_not_built
from gateway.web.parts import WebParts
from gateway.web.rendering import FOLDER
from gateway.web.transcripts import TranscriptPages

_STATIC = FOLDER.parent / "static"


def create_app(parts: WebParts) -> Starlette:
    """The application. Raises OperatorError when ``public_url`` cannot be served."""
    address = address_of(parts.public_url)
    app = Starlette(
        routes=routes(parts, address),
        middleware=middleware(address),
        exception_handlers={
            AicanError: answer_error,
            NotSignedIn: answer_error,
            BadToken: answer_error,
            HTTPException: answer_error,
            NotBuilt: answer_not_built,
        },
    )
    # It would answer "/console/" with an address made of the Host header.
    app.router.redirect_slashes = False
    return app


def routes(parts: WebParts, address: Address) -> list[BaseRoute]:
    """Every address that is answered."""
    accounts, pages, health = AccountPages(parts, address), Pages(parts, address), HealthPages(parts.pings)
    transcripts = TranscriptPages(parts.transcripts, parts.bearers, accounts.present)
    return [
        Route("/", pages.landing),
        Route("/demo", pages.demo),
        Route("/panel", pages.panel),
        Route("/panel/why", pages.why),
        Route("/console", pages.console),
        Route("/console/{path:path}", pages.console),
        Route("/policy", pages.policy),
        Route("/widget.js", pages.launcher),
        Route("/assets/{file}", pages.asset),
        Route("/favicon.ico", pages.icon),
        Mount("/static", _Static(directory=_STATIC)),
        Route("/healthz", health.lives),
        Route("/readyz", health.ready),
        Route("/api/v1/me", accounts.me),
        Route("/api/v1/sign-in", accounts.sign_in, methods=["POST"]),
        Route("/api/v1/sign-out", accounts.sign_out, methods=["POST"]),
        Route("/api/v1/invitation", accounts.invitation, methods=["POST"]),
        Route("/api/v1/invitation/accept", accounts.accept, methods=["POST"]),
        Route("/api/v1/ticket", accounts.ticket, methods=["POST"]),
        Route("/api/v1/transcripts", transcripts.export),
        Route("/api/v1/conversations/{id}/transcript", transcripts.one),
    ]


def middleware(address: Address) -> list[Middleware]:
    """What every request passes, outermost first."""
    return [
        Middleware(SecureHeaders, address=address),
        Middleware(OnlyHttp),
        Middleware(Failures),
        Middleware(PatientSends),
        Middleware(KnownHosts, address=address),
        Middleware(SameOrigin, address=address),
    ]


class _Static(StaticFiles):
    """Pictures and style sheets of our own pages. Their names carry no hash, so caches ask again."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, or 304 for whoever has it. Raises HTTPException: 404 for what is not there."""
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "public, no-cache"
        return response
