"""Where a workspace's widget may stand."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from msgspec import Struct
from msgspec.structs import replace

from chat.accounts.forms import checked_line, checked_name
from chat.clock import Clock
from chat.errors import Forbidden, Invalid, NotFound
from chat.ids import SiteId
from chat.model import AccountRole, Actor, Role, Site
from chat.ports import Sites

GREETING_CHARACTERS = 300
"""Somebody reads it at a glance, above the first message."""
POLICY_VERSION = "2026-11-23"
"""The day of the last change to what ``/policy`` says."""
ORIGINS_LIMIT = 50
_DEFAULT_PORTS = {"http": 80, "https": 443}
_LABELS = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*\.?")


class Change(Struct, frozen=True):
    """What becomes of a site; None leaves a text as it is, and an empty greeting is Aican's own again."""

    name: str | None = None
    greeting: str | None = None
    greeting_zh: str | None = None
    add: tuple[str, ...] = ()
    """Origins, as ``checked_origin`` wants them."""
    remove: tuple[str, ...] = ()


class Embedding:
    """Adds and changes sites."""

    def __init__(self, sites: Sites, clock: Clock, public_url: str) -> None:
        self._sites = sites
        self._clock = clock
        self._public_url = public_url.rstrip("/")

    async def add(self, actor: Actor, name: str, origins: Sequence[str]) -> Site:
        """A new site of the actor's workspace with Aican's own policy page.

        1 to 50 ``origins``, each as ``checked_origin`` wants it; the key is 16 hexadecimal digits at random.
        Raises Forbidden unless the actor is owner, admin or the system; Invalid on ``name`` and ``origin``.
        """
        _require_a_right_to_sites(actor)
        listed = _listed(tuple(checked_origin(origin) for origin in origins))
        key = SiteId(secrets.token_hex(8))
        site = Site(
            id=key,
            workspace=actor.workspace,
            name=checked_name(name),
            origins=listed,
            greeting="",
            policy_url=f"{self._public_url}/policy?site={key}",
            policy_version=POLICY_VERSION,
            created_at=self._clock.now_ms(),
        )
        await self._sites.add(site)
        return site

    async def change(self, actor: Actor, key: SiteId, change: Change) -> Site:
        """The site as it is now.

        Raises NotFound for a key that is none of the workspace's; Forbidden as ``add``; Invalid on ``name``,
        ``greeting``, ``greeting_zh`` (one line of at most 300 characters), ``origin``, and on ``remove_origin`` for one
        that is not on the list.
        """
        _require_a_right_to_sites(actor)
        site = await self._sites.get(key)
        if site is None or site.workspace != actor.workspace:
            raise NotFound("there is no site with this key")
        changed = replace(
            site,
            name=site.name if change.name is None else checked_name(change.name),
            greeting=_greeting(change.greeting, "greeting", site.greeting),
            greeting_zh=_greeting(change.greeting_zh, "greeting_zh", site.greeting_zh),
            origins=_changed_list(site.origins, change),
            damaged=(),  # what stood in for damaged fields is stored with the rest
        )
        if changed != site:
            await self._sites.save(changed)
        return changed


def _require_a_right_to_sites(actor: Actor) -> None:
    if actor.role is not Role.SYSTEM and actor.account_role not in {AccountRole.OWNER, AccountRole.ADMIN}:
        raise Forbidden("sites are added and changed by an owner or an admin")


def _greeting(given: str | None, field: str, before: str) -> str:
    if given is None:
        return before
    return checked_line(given, field, GREETING_CHARACTERS) if given.strip() else ""


def _changed_list(before: tuple[str, ...], change: Change) -> tuple[str, ...]:
    removed = {checked_origin(origin) for origin in change.remove}
    if unlisted := sorted(removed - set(before)):
        raise Invalid("remove_origin", f"one of the site's origins, {', '.join(before)}; {unlisted[0]} is none")
    added = tuple(checked_origin(origin) for origin in change.add)
    return _listed((*(origin for origin in before if origin not in removed), *added))


def _listed(origins: tuple[str, ...]) -> tuple[str, ...]:
    """Each once, in their order. Raises Invalid on ``origin``."""
    listed = tuple(dict.fromkeys(origins))
    if not 1 <= len(listed) <= ORIGINS_LIMIT:
        raise Invalid("origin", f"between 1 and {ORIGINS_LIMIT} origins")
    return listed


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
