"""Where a workspace's widget may stand."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from chat.accounts.forms import checked_name
from chat.clock import Clock
from chat.errors import Forbidden, Invalid
from chat.ids import SiteId
from chat.model import AccountRole, Actor, Role, Site
from chat.ports import Sites

GREETING = "Hello! How can we help you today?"
POLICY_VERSION = "2026-11-23"
"""The day of the last change to what ``/policy`` says."""
ORIGINS_LIMIT = 50
_DEFAULT_PORTS = {"http": 80, "https": 443}
_LABELS = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*\.?")


class Embedding:
    """Adds sites."""

    def __init__(self, sites: Sites, clock: Clock, public_url: str) -> None:
        self._sites = sites
        self._clock = clock
        self._public_url = public_url.rstrip("/")

    async def add(self, actor: Actor, name: str, origins: Sequence[str]) -> Site:
        """A new site of the actor's workspace with Aican's own policy page.

        1 to 50 ``origins``, each as ``checked_origin`` wants it; the key is 16 hexadecimal digits at random.
        Raises Forbidden unless the actor is owner, admin or the system; Invalid on ``name`` and ``origin``.
        """
        if actor.role is not Role.SYSTEM and actor.account_role not in {AccountRole.OWNER, AccountRole.ADMIN}:
            raise Forbidden("adding sites takes an owner or an admin")
        if not 1 <= len(origins) <= ORIGINS_LIMIT:
            raise Invalid("origin", f"between 1 and {ORIGINS_LIMIT} origins")
        key = SiteId(secrets.token_hex(8))
        site = Site(
            id=key,
            workspace=actor.workspace,
            name=checked_name(name),
            origins=tuple(dict.fromkeys(checked_origin(origin) for origin in origins)),
            greeting=GREETING,
            policy_url=f"{self._public_url}/policy?site={key}",
            policy_version=POLICY_VERSION,
            created_at=self._clock.now_ms(),
        )
        await self._sites.add(site)
        return site


def checked_origin(origin: str) -> str:
    """An origin as browsers send it (RFC 6454 §6.2): scheme, host, and the port unless it is the scheme's own.

    Raises Invalid on ``origin``. A wildcard is none: what may embed the chat is a list that can be read.
    """
    try:
        parts = urlsplit(origin.strip())
        port = parts.port
    except ValueError:
        raise _not_an_origin() from None
    beyond = parts.path not in {"", "/"} or parts.query or parts.fragment or "@" in parts.netloc
    if parts.scheme not in _DEFAULT_PORTS or beyond or port == 0:
        raise _not_an_origin()
    shown_port = "" if port in {None, _DEFAULT_PORTS[parts.scheme]} else f":{port}"
    return f"{parts.scheme}://{_host(parts)}{shown_port}"


def _host(parts: SplitResult) -> str:
    """The host in ASCII, as browsers spell it; IPv6 in brackets."""
    host = (parts.hostname or "").lower()
    if ":" in host:
        try:
            return f"[{ip_address(host).compressed}]"
        except ValueError:
            raise _not_an_origin() from None
    try:
        host = host.encode("idna").decode("ascii") if not host.isascii() else host
    except UnicodeError:
        raise _not_an_origin() from None
    if not _LABELS.fullmatch(host) or len(host) > 253:
        raise _not_an_origin()
    return host


def _not_an_origin() -> Invalid:
    return Invalid("origin", "scheme, host and port only, such as https://shop.example or http://localhost:3000")
