"""The visitor token: a signed statement that its bearer is this visitor of this site (JWT, RFC 7519).

It is signed with HMAC-SHA256 (HS256, RFC 7518 §3.2), holds no personal data and is good for 30 days. It stays in the
widget's frame, and no agent is ever sent one.
"""

from __future__ import annotations

from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from chat.ids import SiteId, VisitorId

LIFETIME_S = 30 * 24 * 3600
_ISSUER = "aican/visitor/v1"
_ALGORITHMS = ["HS256"]


class VisitorTokens:
    """Makes and checks visitor tokens with one key of the install, 32 bytes from the key ring."""

    def __init__(self, key: bytes) -> None:
        self._key = OctKey.import_key(key)

    def make(self, site: SiteId, visitor: VisitorId, *, now_ms: int) -> str:
        """A token for this visitor of this site, good for 30 days from ``now_ms`` (Unix milliseconds)."""
        now = now_ms // 1000
        claims = {"iss": _ISSUER, "aud": site, "sub": str(visitor), "iat": now, "exp": now + LIFETIME_S}
        return jwt.encode({"alg": "HS256"}, claims, self._key, algorithms=_ALGORITHMS)

    def check(self, token: str, site: SiteId, *, now_ms: int) -> VisitorId | None:
        """The visitor, or None: forged, expired, or for another site. Then the bearer is a new visitor."""
        try:
            claims = jwt.decode(token, self._key, algorithms=_ALGORITHMS).claims
            if claims["iss"] != _ISSUER or claims["aud"] != site or int(claims["exp"]) * 1000 <= now_ms:
                return None
            return VisitorId(UUID(claims["sub"]))
        except (JoseError, KeyError, TypeError, ValueError, OverflowError, AttributeError):
            return None
