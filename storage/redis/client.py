"""The address of Redis, and what is found there."""

from __future__ import annotations

from typing import Any
from urllib.parse import SplitResult, urlsplit

from redis.asyncio.connection import Connection, parse_url
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from storage.redis.cluster import Cluster
from storage.redis.servers import CONNECT_S, OneServer, Servers, Watched

_SENTINEL_PORT = 26379
_SERVER_PORT = 6379
# Options of the driver's own pools, which are not used.
_OF_POOLS = frozenset({"max_connections", "timeout"})


def connect(url: str) -> Servers:
    """The servers at an address. Nothing is sent before the first call.

    ``redis://``, ``rediss://`` (TLS) and ``unix://`` are one server. ``redis+sentinel://host:26379,host/SERVICE/db`` is
    the master of a service that Sentinels watch; user and password are the server's, ``?sentinel_username=`` and
    ``?sentinel_password=`` the Sentinels'. ``redis+cluster://host:6379,host`` is a Cluster, of which some nodes are
    named. ``rediss+…`` is TLS for both. Options are the driver's (``ssl_ca_certs`` and others), as a query.
    Raises ValueError for an address of no such form.
    """
    parts = urlsplit(url)
    scheme, _, kind = parts.scheme.partition("+")
    if kind == "sentinel":
        return _watched(parts, scheme)
    if kind == "cluster":
        options = _shared_options(parts, scheme, "")
        return Cluster([f"{host}:{port}" for host, port in _hosts(parts, _SERVER_PORT)], _kind(options), options)
    options = _options(url)
    return OneServer(_kind(options), options)


def _watched(parts: SplitResult, scheme: str) -> Watched:
    service, _, db = parts.path.strip("/").partition("/")
    if not service:
        raise ValueError("no service is named after the Sentinels")
    options = _shared_options(parts, scheme, db)
    introduced = {name: options.pop(f"sentinel_{name}", None) for name in ("username", "password")}
    kind = _kind(options)
    sentinels = [
        OneServer(kind, {**options, **introduced, "db": 0, "host": host, "port": port})
        for host, port in _hosts(parts, _SENTINEL_PORT)
    ]
    return Watched(sentinels, service, kind, options)


def _options(url: str) -> dict[str, Any]:
    """What the driver makes of a URL of one server, and what holds for each connection of ours."""
    given = {name: value for name, value in parse_url(url).items() if name not in _OF_POOLS}
    return {
        **given,
        # One deadline is around all of it (``Servers.open``); the driver's own, wait_for, can swallow a cancellation.
        "socket_timeout": None,
        "socket_connect_timeout": CONNECT_S,
        "retry": Retry(NoBackoff(), 0),
        "protocol": 2,
    }


def _kind(options: dict[str, Any]) -> type[Connection]:
    kind: type[Connection] = options.pop("connection_class", Connection)
    return kind


def _shared_options(parts: SplitResult, scheme: str, db: str) -> dict[str, Any]:
    """What holds for each of the servers that a URL names together."""
    user, at, _ = parts.netloc.rpartition("@")
    options = _options(parts._replace(scheme=scheme, netloc=f"{user}{at}each", path=db).geturl())
    del options["host"]
    return options


def _hosts(parts: SplitResult, port: int) -> list[tuple[str, int]]:
    """Host and port of each place in a URL that names several."""
    places = [urlsplit(f"//{place}") for place in parts.netloc.rpartition("@")[2].split(",")]
    if not all(place.hostname for place in places):
        raise ValueError("a host is missing")
    return [(place.hostname or "", place.port or port) for place in places]
