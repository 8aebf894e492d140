"""Sites, remembered for a moment: every greeting and every list asks for them."""

from __future__ import annotations

from collections import OrderedDict

from chat.clock import Clock
from chat.ids import SiteId
from chat.model import Site
from chat.ports import Sites

SITES_REMEMBERED = 1_000
SITE_S = 30.0
"""A changed list of origins holds everywhere within this time."""


class KnownSites:
    """Sites by key, each read at most every half minute; the 1,000 read last are remembered."""

    def __init__(self, sites: Sites, clock: Clock) -> None:
        self._sites = sites
        self._clock = clock
        self._known: OrderedDict[str, tuple[float, Site | None]] = OrderedDict()

    async def get(self, key: str) -> Site | None:
        """The site with this key, as it was within the last 30 s; None when there was none, which is remembered too."""
        until, site = self._known.get(key, (0.0, None))
        if self._clock.monotonic() < until:
            return site
        site = await self._sites.get(SiteId(key))
        self._known[key] = (self._clock.monotonic() + SITE_S, site)
        self._known.move_to_end(key)
        if len(self._known) > SITES_REMEMBERED:
            self._known.popitem(last=False)
        return site

    async def name(self, key: str) -> str:
        """What people call the site; its key when it is gone."""
        site = await self.get(key)
        return site.name if site else key
