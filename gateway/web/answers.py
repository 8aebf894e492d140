"""Failures as answers: one table from what can go wrong to status and code, told calmly in JSON or as a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import structlog
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Scope

from chat.accounts.refusals import TooManyTries, WrongCredentials
from chat.errors import Forbidden, Invalid, NotFound, Tampered, Unavailable
from gateway.web.rendering import page

STORE_RETRY_MS = 2_000
"""When to come back after a store was away: a failover takes a few seconds."""


_log = structlog.get_logger()


class NotSignedIn(Exception):
    """The request carries no live sign-in."""


class BadToken(Exception):
    """The request carries no bearer token, or none that may do this."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What is told of something that went wrong."""

    status: int
    code: str
    message: str
    field: str | None = None
    retry_after_ms: int | None = None
    headers: Mapping[str, str] | None = None


NOT_SIGNED_IN = Failure(401, "not_signed_in", "Sign in first.")
BAD_TOKEN = Failure(
    401, "bad_token", "This takes a valid token: Authorization: Bearer …", headers={"WWW-Authenticate": "Bearer"}
)
NOT_FOUND = Failure(404, "not_found", "There is nothing at this address.")
UNREADABLE = Failure(500, "unreadable", "A stored record does not open. The log of the web server says which.")
BROKEN = Failure(500, "internal", "Something went wrong on our side. It has been written to the log.")
_BY_STATUS = {
    400: ("bad_request", "This request cannot be understood."),
    405: ("method_not_allowed", "This address does not take that method."),
    408: ("too_slow", "The request's body did not come in time."),
    413: ("too_large", "The request's body is too large."),
    415: ("not_json", "Send JSON, with the header Content-Type: application/json."),
}


def failure_of(error: Exception) -> Failure | None:
    """What is told of an expected error, None for one that nobody expected."""
    match error:
        case NotSignedIn():
            return NOT_SIGNED_IN
        case BadToken():
            return BAD_TOKEN
        case WrongCredentials():
            return Failure(401, "wrong_credentials", "Address or password is wrong.")
        case TooManyTries():
            return Failure(429, "too_many_tries", "Too many tries. Wait a moment.", None, error.retry_after_ms)
        case Invalid():
            return Failure(422, "invalid", error.expected, error.field)
        case NotFound():
            return Failure(404, "not_found", _sentence(str(error)))
        case Forbidden():
            return Failure(403, "forbidden", _sentence(str(error)))
        case Unavailable():
            return Failure(503, "unavailable", "A store cannot be reached now. Try again.", None, STORE_RETRY_MS)
        case Tampered():
            return UNREADABLE
        case HTTPException():
            return by_status(error.status_code, error.headers)
    return None


def by_status(status: int, headers: Mapping[str, str] | None = None) -> Failure:
    """The failure that a bare status stands for."""
    if status == NOT_FOUND.status:
        return NOT_FOUND
    code, message = _BY_STATUS.get(status, ("failed", "This did not work."))
    return Failure(status, code, message, headers=headers)


async def answer(scope: Scope, failure: Failure) -> Response:
    """The failure as a page for who asks for pages, else as JSON. The REST interface always speaks JSON."""
    headers = dict(failure.headers or {})
    if failure.retry_after_ms is not None:
        headers["Retry-After"] = str(-(-failure.retry_after_ms // 1000))
    if wants_page(scope):
        return await page("failure.html", {"failure": failure}, status=failure.status, headers=headers)
    told: dict[str, str | int] = {"code": failure.code, "message": failure.message}
    if failure.field is not None:
        told["field"] = failure.field
    if failure.retry_after_ms is not None:
        told["retry_after_ms"] = failure.retry_after_ms
    return JSONResponse({"error": told}, failure.status, headers)


async def answer_error(request: Request, error: Exception) -> Response:
    """For Starlette's table of exception handlers, which holds expected errors only."""
    failure = failure_of(error)
    if failure is None:
        raise error
    if failure is UNREADABLE:
        _log.error("a stored record does not open", path=request.scope["path"], why=str(error))
    return await answer(request.scope, failure)


def wants_page(scope: Scope) -> bool:
    """Whether the asker is a person with a browser."""
    if scope["path"].startswith("/api/"):
        return False
    return "text/html" in Headers(scope=scope).get("accept", "")


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".") + "."
