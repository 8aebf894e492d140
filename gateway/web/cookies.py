"""The sign-in cookie."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from gateway.web.address import Address

SIGN_IN_SECONDS = 12 * 3600
"""As long as a sign-in can live on the server; it usually ends earlier there."""


class SignInCookie:
    """``__Host-sid`` (RFC 6265bis §4.1.3.2: Secure, Path=/, no Domain) over https; ``sid`` where http is all there is,
    because browsers refuse the prefix there."""

    def __init__(self, address: Address) -> None:
        self._is_https = address.is_https
        self.name = "__Host-sid" if address.is_https else "sid"

    def read(self, request: Request) -> str | None:
        """The secret that the browser shows, as it is, whether good or not; None when it shows none."""
        return request.cookies.get(self.name)

    def give(self, response: Response, secret: str) -> None:
        """Set it for 12 hours. HttpOnly: no script reads it; SameSite=Lax: no foreign page's POST carries it."""
        response.set_cookie(
            self.name, secret, max_age=SIGN_IN_SECONDS, path="/", secure=self._is_https, httponly=True, samesite="lax"
        )

    def take_back(self, response: Response) -> None:
        """Have the browser delete it; the sign-in itself is ended elsewhere."""
        response.delete_cookie(self.name, path="/", secure=self._is_https, httponly=True, samesite="lax")
