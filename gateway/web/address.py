"""Where this install is reached, and by which names: the only thing that tells its own pages from foreign ones."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from chat.errors import OperatorError

_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Address:
    """``url`` without a slash at its end; ``origins`` and ``hosts`` name it and, on loopback, its other names."""

    url: str
    is_https: bool
    origins: frozenset[str]
    """As in an ``Origin`` header: the port left out where it is the scheme's own."""
    hosts: frozenset[str]
    """As in a ``Host`` header: the scheme's own port may be there or not."""


def address_of(public_url: str) -> Address:
    """Read a public URL. Raises OperatorError when it has more than scheme, host and port: pages live at /."""
    parts = urlsplit(public_url)
    if parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc or not parts.hostname:
        raise OperatorError(
            "AICAN_PUBLIC_URL must be scheme, host and port only.", "Give Aican a host name of its own."
        )
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    names = _LOOPBACK if host in _LOOPBACK else (host,)
    port, own = parts.port or _DEFAULT_PORTS[parts.scheme], _DEFAULT_PORTS[parts.scheme]
    with_port = {f"{name}:{port}" for name in names}
    shown = set(names) if port == own else with_port
    return Address(
        url=f"{parts.scheme}://{host}" + ("" if port == own else f":{port}"),
        is_https=parts.scheme == "https",
        origins=frozenset(f"{parts.scheme}://{name}" for name in shown),
        hosts=frozenset(with_port | shown),
    )


def origin_of(url: str) -> str:
    """Scheme, host and port of a URL, for a content security policy."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
