"""Real stores for one machine, on private Unix sockets: what ``aican up`` and the tests start when no URL is set."""

from config.local.stores import StoreUrls, running_stores

__all__ = ["StoreUrls", "running_stores"]
