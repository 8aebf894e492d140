"""The opening handshake: health questions answered, foreign requests turned away, a subprotocol chosen."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from websockets.http11 import Request, Response
from websockets.server import ServerProtocol

from chat.protocol.codec import CODECS, FRAME_BYTES

USER_AGENT_CHARACTERS = 512


@dataclass(frozen=True, slots=True)
class Visit:
    """What a connection's handshake says of its peer."""

    origin: str | None
    user_agent: str
    address: str


def new_protocol() -> ServerProtocol:
    """A WebSocket protocol without extensions: no compression, so no decompression bomb (CVE-2018-1000518)."""
    return ServerProtocol(
        extensions=None,
        subprotocols=list(CODECS),  # type: ignore[arg-type]
        max_size=FRAME_BYTES,
    )


def plain_answer(protocol: ServerProtocol, request: Request, *, away: list[str]) -> Response | None:
    """The answer to a request that is no WebSocket's: ``/healthz``, ``/readyz``. None: go on with the handshake.

    ``away`` names what keeps this process from serving.
    """
    path = request.path.split("?", 1)[0]
    if path == "/healthz":
        return protocol.reject(HTTPStatus.OK, "alive\n")
    if path == "/readyz":
        if away:
            return protocol.reject(HTTPStatus.SERVICE_UNAVAILABLE, "away: " + ", ".join(away) + "\n")
        return protocol.reject(HTTPStatus.OK, "ready\n")
    if path != "/":
        return protocol.reject(HTTPStatus.NOT_FOUND, "WebSockets are opened at /.\n")
    return None


def visit(request: Request, address: str) -> Visit:
    """The peer as its handshake describes it."""
    user_agents = request.headers.get_all("User-Agent")
    origins = request.headers.get_all("Origin")
    return Visit(
        origin=origins[0] if origins else None,
        user_agent=user_agents[0][:USER_AGENT_CHARACTERS] if user_agents else "",
        address=address,
    )
