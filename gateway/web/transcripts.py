"""Transcripts over HTTP. The workspace comes from the token or the sign-in, never from the request."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import TypeVar
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from chat.accounts.bearers import READ_TRANSCRIPTS, Bearers
from chat.accounts.entrance import Present
from chat.errors import Invalid, NotFound
from chat.ids import ConversationId, SiteId
from chat.model import Actor
from chat.transcripts import letters
from chat.transcripts import transcripts as reading
from chat.transcripts.owned import owned
from chat.transcripts.period import moment
from chat.transcripts.transcripts import Transcript, Transcripts
from chat.transcripts.writing import Format, written
from gateway.web.answers import BadToken
from gateway.web.rendering import streamed, style, style_source
from gateway.web.requests import bearer_token, query

_Form = TypeVar("_Form", Format, letters.Form)
_LOST_PLUS = re.compile(r"(?<=\d) (?=\d{2}:\d{2}\Z)", re.ASCII)
_SHEET = "transcript.css"
_PAGE_POLICY = (
    "default-src 'none'; style-src {style}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
)


class TranscriptPages:
    """``/api/v1/transcripts`` and ``/api/v1/conversations/{id}/transcript``."""

    def __init__(
        self, transcripts: Transcripts, bearers: Bearers, present: Callable[[Request], Awaitable[Present]]
    ) -> None:
        self._transcripts = transcripts
        self._bearers = bearers
        self._present = present

    async def export(self, request: Request) -> Response:
        """Everything a workspace's conversations said, streamed. A bearer token only: a browser's cookie must not be
        enough to carry all of it away."""
        actor = await self._bearer(bearer_token(request) or "")
        given = query(request, known=("format", "site", "from", "to"))
        form = _chosen(given, Format, Format.NDJSON)
        rows = await self._transcripts.export(actor, _requested(given))
        name = f'attachment; filename="aican-transcripts.{form}"'
        return _stream(request, written(rows, form), form.media_type, {"Content-Disposition": name})

    async def one(self, request: Request) -> Response:
        """One conversation, as text, page or JSON."""
        actor = await self._actor(request)
        form = _chosen(query(request, known=("format",)), letters.Form, letters.Form.TXT)
        transcript = await self._transcripts.one(actor, _conversation(request.path_params["id"]))
        if form is letters.Form.HTML:
            return _page(request, transcript)
        pieces = letters.text(transcript) if form is letters.Form.TXT else letters.json(transcript)
        return _stream(request, pieces, form.media_type, {})

    async def _actor(self, request: Request) -> Actor:
        token = bearer_token(request)
        return (await self._present(request)).actor if token is None else await self._bearer(token)

    async def _bearer(self, token: str) -> Actor:
        actor = await self._bearers.actor(token, READ_TRANSCRIPTS)
        if actor is None:
            raise BadToken
        return actor


def _requested(given: Mapping[str, str]) -> reading.Request:
    start, end = (moment(_with_plus(given[name]), name) if name in given else None for name in ("from", "to"))
    if start is not None and end is not None and start >= end:
        raise Invalid("from", "before to: nothing lies between")
    if given.get("site") == "":
        raise Invalid("site", "a site's key")
    return reading.Request(SiteId(given["site"]) if "site" in given else None, start, end)


def _with_plus(text: str) -> str:
    """In a query string an unescaped ``+`` means a space; before an offset it can only have meant itself."""
    return _LOST_PLUS.sub("+", text)


def _chosen(given: Mapping[str, str], forms: type[_Form], otherwise: _Form) -> _Form:
    try:
        return forms(given.get("format", otherwise))
    except ValueError:
        raise Invalid("format", f"one of {', '.join(forms)}") from None


def _conversation(text: str) -> ConversationId:
    """One spelling of an id only: no second name for the same thing."""
    try:
        value = UUID(text)
    except ValueError:
        value = None
    if value is None or str(value) != text:
        raise NotFound("there is no such conversation")
    return ConversationId(value)


def _page(request: Request, transcript: Transcript) -> Response:
    values = {
        "transcript": transcript,
        "style": style(_SHEET),
        "saying": letters.saying,
        "speaker": letters.speaker,
        "clock": letters.clock,
        **letters.heading(transcript),
    }
    policy = _PAGE_POLICY.format(style=style_source(_SHEET))
    return _stream(request, streamed("transcript.html", values), "text/html", {"Content-Security-Policy": policy})


def _stream(
    request: Request, pieces: AsyncIterator[bytes] | AsyncIterator[str], media_type: str, headers: Mapping[str, str]
) -> Response:
    """The pieces as an answer. HEAD gets the headers alone, and nothing is read for it: no length either, which nobody
    knows before everything was read (RFC 9110 §8.6: rather none than a wrong one)."""
    return StreamingResponse(() if request.method == "HEAD" else _owned(pieces), 200, headers, media_type)


async def _owned(pieces: AsyncIterator[bytes] | AsyncIterator[str]) -> AsyncIterator[bytes | str]:
    async with owned(pieces):
        async for piece in pieces:
            yield piece
