"""How often sign-in may be tried. Delays grow with the tries, and no door stays shut for long.

Narrow budgets come before wide ones: a network that hammers uses up its own, and never those that others need. The
longest wait of any of them is five minutes, so nobody can lock another person out, only slow the network they share.
"""

from __future__ import annotations

import hmac
from hashlib import sha256
from ipaddress import IPv6Address, ip_address

from chat.accounts.refusals import TooManyTries
from chat.ports import Budgets, Rate

PAIR = (Rate(period_ms=2_000, burst=5), Rate(period_ms=30_000, burst=10), Rate(period_ms=300_000, burst=20))
"""One address from one network: five at once, then one each 2 s, after ten each 30 s, after twenty each 5 min."""
NETWORK = (Rate(period_ms=1_000, burst=30), Rate(period_ms=10_000, burst=120))
"""One network (IPv4 /24, IPv6 /48), whatever the address: an office behind one router still gets in on Monday."""
ADDRESS = (Rate(period_ms=5_000, burst=100),)
"""One address from everywhere: against a botnet, 17,280 guesses a day at most."""
OVERALL = (Rate(period_ms=50, burst=200),)
"""The whole install: 20 hashes a second are less than one core's work."""
INVITATIONS = (Rate(period_ms=1_000, burst=30),)
"""Tries of one-time links per network. 256 bits are not guessed; this only bounds the work."""


class Throttle:
    """Spends from shared budgets before a password is looked at.

    ``pepper`` (32 bytes) hides networks from who reads the store: HMAC-SHA256 (RFC 2104), cut to 16 bytes.
    """

    def __init__(self, budgets: Budgets, pepper: bytes) -> None:
        self._budgets = budgets
        self._pepper = pepper

    async def admit_sign_in(self, email_index: bytes, peer: str) -> None:
        """Count one try for an address (its blind index) from a peer's IP address. Raises TooManyTries.

        Up to seven budgets, a trip each; what was spent before the one that refuses stays spent.
        """
        network = self._hidden(network_of(peer))
        address = email_index.hex()
        await self._spend(f"sign-in:network:{network}", NETWORK)
        await self._spend(f"sign-in:pair:{address}:{network}", PAIR)
        await self._spend(f"sign-in:address:{address}", ADDRESS)
        await self._spend("sign-in:overall", OVERALL)

    async def admit_invitation(self, peer: str) -> None:
        """Count one use of a one-time link. Raises TooManyTries."""
        await self._spend(f"invitation:network:{self._hidden(network_of(peer))}", INVITATIONS)

    async def _spend(self, key: str, ladder: tuple[Rate, ...]) -> None:
        for step, rate in enumerate(ladder):
            limited = await self._budgets.take(f"{key}:{step}", rate)
            if limited is not None:
                raise TooManyTries(limited.retry_after_ms)

    def _hidden(self, network: str) -> str:
        return hmac.digest(self._pepper, network.encode(), sha256)[:16].hex()


def network_of(peer: str) -> str:
    """The network that a peer's neighbours share: IPv4 /24, IPv6 /48, as ``v4:cb0071``; IPv4 in IPv6 is IPv4.

    All unreadable peers share the network ``unknown``.
    """
    try:
        address = ip_address(peer.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    kept_bytes = 6 if isinstance(address, IPv6Address) else 3
    return f"v{address.version}:{address.packed[:kept_bytes].hex()}"
