"""What one setting may be. No message repeats an address of a store: it may hold a password."""

from __future__ import annotations

import os
from collections.abc import Sequence
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BeforeValidator, SecretStr

MOST_PROCESSES = 64
LEVELS = ("debug", "info", "warning", "error")
REDIS_SCHEMES = (
    *("redis", "rediss", "unix"),
    *("redis+sentinel", "rediss+sentinel", "redis+cluster", "rediss+cluster"),
)


def url(*schemes: str, host_needed: bool = True, bare: bool = False) -> AfterValidator:
    """A setting that is a URL: see ``check_url``, also for errors; ``bare``: with nothing behind host and port."""

    def check(value: str | SecretStr) -> str | SecretStr:
        text = value.get_secret_value() if isinstance(value, SecretStr) else value
        parts = check_url(text, schemes, host_needed=host_needed)
        if bare and (parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc):
            raise ValueError("must be scheme, host and port only; give Aican a host name of its own")
        return value

    return AfterValidator(check)


def names_service(value: SecretStr) -> SecretStr:
    """``value``, if behind Sentinels it says which of the services they watch is meant. Raises ValueError."""
    parts = urlsplit(value.get_secret_value())
    if parts.scheme.endswith("+sentinel") and not parts.path.strip("/"):
        raise ValueError("must name the Sentinels' service: redis+sentinel://host:26379/SERVICE")
    return value


def gateway_url(text: str) -> str:
    """``text``, if a WebSocket client can dial it. Raises ValueError that goes on after the setting's name."""
    check_url(text, ("ws", "wss"))
    return text


def check_url(text: str, schemes: Sequence[str], *, host_needed: bool = True) -> SplitResult:
    """A URL with one of ``schemes`` in its parts; its host may be several, separated by commas.

    Raises ValueError that goes on after the setting's name.
    """
    parts = _split(text)
    if parts.scheme not in schemes:
        raise ValueError(f"must be a URL that begins with {' or '.join(f'{scheme}://' for scheme in schemes)}")
    if not parts.netloc and (host_needed or not parts.path):
        raise ValueError("must name a host after ://")
    for place in parts.netloc.rpartition("@")[2].split(","):
        _check_port(place)
    return parts


def _split(text: str) -> SplitResult:
    try:
        parts = urlsplit(text)
    except ValueError:
        raise ValueError("is not a URL") from None
    # A "/" in a password ends the host early, and what stands before it would be shown as the host.
    if parts.netloc and "@" not in parts.netloc and "@" in parts.path + parts.query + parts.fragment:
        raise ValueError("has an @ behind its host; in a password write / as %2F, ? as %3F, # as %23 and @ as %40")
    return parts


def _check_port(place: str) -> None:
    try:
        usable = urlsplit(f"//{place}").port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ValueError("must have a whole number from 1 to 65535 as its port")


def _port(value: Any) -> Any:
    """Plain digits from 1 to 65535; 0 would mean 'any port' and is nothing that a URL could point at."""
    text = str(value).strip()
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
        raise ValueError(f"is {text!r}; a port is a whole number from 1 to 65535")
    return int(text)


def _networks(value: str) -> str:
    try:
        for part in value.split(","):
            if part.strip():
                ip_network(part.strip())
    except ValueError as error:
        raise ValueError(f"must be networks such as 10.0.0.0/8, separated by commas ({error})") from None
    return value


def _absolute(path: Path) -> Path:
    """Fixed once, so that a later change of the working directory moves nothing."""
    try:
        return Path(os.path.abspath(path.expanduser()))
    except RuntimeError:
        raise ValueError(f"is {str(path)!r}, the home of a user that this machine does not know") from None


def _no_directory(path: Path) -> Path:
    if os.path.isdir(path):
        raise ValueError(f"is {str(path)!r}, a directory; it must be a file")
    return path


def _processes(value: Any) -> int:
    text = str(value).strip()
    if not text.isdecimal() or not 1 <= int(text) <= MOST_PROCESSES:
        raise ValueError(f"is {text!r}; it must be a whole number from 1 to {MOST_PROCESSES}")
    return int(text)


def _level(value: Any) -> Any:
    text = str(value).strip().lower()
    if text not in LEVELS:
        raise ValueError(f"is {text!r}; it must be debug, info, warning or error")
    return text


Port = Annotated[int, BeforeValidator(_port)]
Processes = Annotated[int, BeforeValidator(_processes)]
Directory = Annotated[Path, AfterValidator(_absolute)]
File = Annotated[Path, AfterValidator(_absolute), AfterValidator(_no_directory)]
Networks = Annotated[str, AfterValidator(_networks)]
Level = BeforeValidator(_level)
