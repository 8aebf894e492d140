"""Secrets that open something by being shown: cookies, tickets, links, tokens. Stores keep only their SHA-256.

A plain hash is enough here, and argon2 would add nothing: 256 random bits cannot be guessed from it.
"""

from __future__ import annotations

import secrets
from hashlib import sha256

SECRET_BYTES = 32
"""256 bits (ASVS 5.0 asks for 128)."""
SHOWN_CHARACTERS_LIMIT = 128
"""No secret of ours is longer; what is longer is not worth hashing."""


def new_secret() -> str:
    """43 characters of URL-safe base64 (RFC 4648 §5): 256 bits from the system's random source."""
    return secrets.token_urlsafe(SECRET_BYTES)


def digest(shown: str) -> bytes:
    """What a store knows a secret by: its SHA-256, 32 bytes. Anything may be shown to us, so nothing here raises."""
    return sha256(shown.encode("utf-8", "surrogatepass")).digest()
