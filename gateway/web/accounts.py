"""Sign-in, invitations and tickets over HTTP."""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from chat.accounts.entrance import Entered, Present
from chat.accounts.membership import Answer
from chat.accounts.people import Me
from gateway.web.address import Address
from gateway.web.answers import NotSignedIn
from gateway.web.cookies import SignInCookie
from gateway.web.parts import WebParts
from gateway.web.requests import json_body, peer_of, query


class _Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something that is posted."""


class _Credentials(_Body, frozen=True):
    email: str
    password: str


class _Link(_Body, frozen=True):
    token: str


class _Acceptance(_Body, frozen=True):
    token: str
    name: str
    email: str
    password: str


class AccountPages:
    """Endpoints under ``/api/v1`` that make, use and end sign-ins."""

    def __init__(self, parts: WebParts, address: Address) -> None:
        self._entrance = parts.entrance
        self._membership = parts.membership
        self._gateway_url = parts.gateway_url
        self._proxies = parts.trusted_proxies
        self._cookie = SignInCookie(address)

    async def me(self, request: Request) -> Response:
        """Who is signed in; 204 where nobody is: a page asks this before anybody could be, and it is no error there."""
        query(request, known=())
        try:
            return _signed_in(await self._entrance.me(await self.present(request)))
        except NotSignedIn:
            return Response(status_code=204)

    async def sign_in(self, request: Request) -> Response:
        """200 with who it is, and the cookie. Raises Invalid, WrongCredentials, TooManyTries."""
        given = await json_body(request, _Credentials)
        entered = await self._entrance.sign_in(
            given.email, given.password, peer=self._peer(request), leaving=self._cookie.read(request)
        )
        return self._entered(entered)

    async def invitation(self, request: Request) -> Response:
        """200 with what a one-time link offers, which stays good. Raises Invalid, NotFound, TooManyTries."""
        given = await json_body(request, _Link)
        invited = await self._membership.look_at(given.token, peer=self._peer(request))
        return JSONResponse(
            {"workspace": {"name": invited.workspace}, "role": str(invited.role), "email": invited.email}
        )

    async def accept(self, request: Request) -> Response:
        """200 with the account that the link made, signed in. Raises Invalid, NotFound, TooManyTries."""
        given = await json_body(request, _Acceptance)
        answer = Answer(given.name, given.email, given.password)
        account = await self._membership.accept(given.token, answer, peer=self._peer(request))
        return self._entered(await self._entrance.enter(account, leaving=self._cookie.read(request)))

    async def sign_out(self, request: Request) -> Response:
        """204 and no cookie any more, whether anybody was signed in or not."""
        secret = self._cookie.read(request)
        if secret:
            await self._entrance.sign_out(secret)
        response = Response(status_code=204)
        self._cookie.take_back(response)
        return response

    async def ticket(self, request: Request) -> Response:
        """200 with a ticket, good once within 30 s, and where the gateway is. Raises NotSignedIn."""
        ticket = await self._entrance.ticket(await self.present(request))
        return JSONResponse({"ticket": ticket, "gateway_url": self._gateway_url})

    async def present(self, request: Request) -> Present:
        """Who is signed in. Raises NotSignedIn."""
        present = await self._entrance.present(self._cookie.read(request) or "")
        if present is None:
            raise NotSignedIn
        return present

    def _entered(self, entered: Entered) -> Response:
        response = _signed_in(entered.me)
        self._cookie.give(response, entered.secret)
        return response

    def _peer(self, request: Request) -> str:
        return peer_of(request, self._proxies)


def _signed_in(me: Me) -> Response:
    account = {"id": str(me.id), "name": me.name, "email": me.email, "role": str(me.role)}
    return JSONResponse({"account": account, "workspace": {"name": me.workspace}})
