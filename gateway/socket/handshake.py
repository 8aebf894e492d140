"""The opening handshake: health questions answered, foreign requests turned away, a subprotocol chosen."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass
from http import HTTPStatus

from websockets.http11 import Request, Response
from websockets.protocol import Protocol, Side, State
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


def opened(protocol: ServerProtocol) -> Protocol:
    """What goes on after the handshake. The protocol that shook hands keeps the whole request, 2 KiB of it, for as long
    as it lives; a fresh one takes its place, unless bytes of a first frame came along with the request.
    """
    if protocol.reader.buffer:
        return protocol
    fresh = Protocol(Side.SERVER, state=State.OPEN, max_size=FRAME_BYTES, logger=protocol.logger)
    fresh.subprotocol = protocol.subprotocol
    protocol.parser.close()  # it holds the protocol that holds it
    return fresh


def response(protocol: ServerProtocol, request: Request, *, away: list[str]) -> Response:
    """What a request is answered: a health question, a WebSocket's opening, or why it is none (RFC 6455 §4.2).

    ``away`` names what keeps this process from serving.
    """
    return _plain_answer(protocol, request, away) or protocol.accept(request)


def _plain_answer(protocol: ServerProtocol, request: Request, away: list[str]) -> Response | None:
    """The answer to a request that is no WebSocket's: ``/healthz``, ``/readyz``. None: go on with the handshake."""
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


def visit(request: Request, transport: asyncio.BaseTransport | None) -> Visit:
    """The peer as its handshake and its socket describe it; over a Unix socket it has no address."""
    peer = transport.get_extra_info("peername") if transport else None
    user_agents = request.headers.get_all("User-Agent")
    origins = request.headers.get_all("Origin")
    return Visit(
        origin=sys.intern(origins[0]) if origins else None,
        user_agent=sys.intern(user_agents[0][:USER_AGENT_CHARACTERS]) if user_agents else "",  # many have the same
        address=peer[0] if isinstance(peer, tuple) else "",
    )
