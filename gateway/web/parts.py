"""What the web server is given: ports and services, wired by the composition root."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path

from chat.accounts.bearers import Bearers
from chat.accounts.entrance import Entrance
from chat.accounts.membership import Membership
from chat.ports import Sites, Workspaces
from chat.transcripts.transcripts import Transcripts


@dataclass(frozen=True, slots=True)
class WebParts:
    """Everything that pages and the REST interface need."""

    public_url: str
    """Where browsers reach this server; its host is the only one that is answered."""
    gateway_url: str
    """Where browsers open WebSockets."""
    front_end: Path
    """The folder that the front end's build writes: ``widget/dist``."""
    workspaces: Workspaces
    sites: Sites
    entrance: Entrance
    membership: Membership
    bearers: Bearers
    transcripts: Transcripts
    pings: Mapping[str, Callable[[], Awaitable[None]]]
    """Stores by name, and how to ask whether each is there. A ping raises Unavailable."""
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    """Networks whose ``X-Forwarded-For`` is believed. None by default: a header is what its sender wants it to be."""
