"""What comes in, read strictly: JSON bodies into typed values, query strings without surprises, and who asks."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import TypeVar
from urllib.parse import parse_qsl

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request

from chat.errors import Invalid

BODY_BYTES = 16_384
"""The largest body that anything here takes is an accepted invitation; a password has 1,024 bytes at most."""
BODY_SECONDS = 10.0
_FIELD = re.compile(r"(?:unknown|required) field `(?P<named>[^`]*)`|at `\$\.(?P<path>[^`]*)`")
_Body = TypeVar("_Body", bound=msgspec.Struct)


async def json_body(request: Request, kind: type[_Body]) -> _Body:
    """The body as a value of ``kind``. Raises Invalid that names the field; HTTPException 408, 413, 415."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise HTTPException(415)
    body = await _body(request)
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise _invalid(str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Invalid("body", "JSON (RFC 8259)") from None


async def _body(request: Request) -> bytes:
    """The whole body. Counted as it comes: its announced length is only what the sender says."""
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for piece in request.stream():
                body += piece
                if len(body) > BODY_BYTES:
                    raise HTTPException(413)
    except TimeoutError:
        raise HTTPException(408) from None
    return bytes(body)


def _invalid(problem: str) -> Invalid:
    found = _FIELD.search(problem)
    field = (found["named"] or found["path"] or "body") if found else "body"
    return Invalid(field[:64], problem.partition(" - at")[0].replace("`", "")[:200])


def query(request: Request, known: Collection[str]) -> dict[str, str]:
    """The query string. Raises Invalid for a name that is not ``known`` or comes twice, and for broken encoding."""
    try:
        pairs = parse_qsl(
            request.scope["query_string"].decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=20
        )
    except (UnicodeError, ValueError):
        raise Invalid("query", "percent-encoded UTF-8, with 20 parameters at most") from None
    found: dict[str, str] = {}
    for name, value in pairs:
        if name not in known:
            raise Invalid(name[:64], f"one of the known parameters: {', '.join(sorted(known))}")
        if name in found:
            raise Invalid(name, "given once")
        found[name] = value
    return found


def bearer_token(request: Request) -> str | None:
    """The token of an ``Authorization: Bearer`` header (RFC 6750 §2.1); "" for any other or a doubled header."""
    given = request.headers.getlist("authorization")
    if not given:
        return None
    scheme, _, token = given[0].partition(" ")
    return token.strip() if scheme.lower() == "bearer" and len(given) == 1 else ""


def peer_of(request: Request, trusted: tuple[IPv4Network | IPv6Network, ...]) -> str:
    """The client's IP address: whoever opened the connection, or, where that is a trusted proxy, the last address of
    ``X-Forwarded-For`` that is none."""
    peer = request.client.host if request.client else ""
    hops = [hop.strip() for line in request.headers.getlist("x-forwarded-for") for hop in line.split(",")]
    while hops and _is_in(peer, trusted):
        peer = hops.pop()
    return peer


def _is_in(peer: str, networks: tuple[IPv4Network | IPv6Network, ...]) -> bool:
    try:
        address = ip_address(peer)
    except ValueError:
        return False
    return any(address in network for network in networks)
