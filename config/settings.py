"""Settings: environment variables or ``.env``, prefix ``AICAN_``, checked once at the start of every command.

What is not set has a default that works on one machine. A wrong value or an unknown name is an :class:`OperatorError`
that names it; secrets (stores' URLs may hold passwords) are never part of a message or of ``repr``.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from chat.errors import OperatorError
from config.local import mongodb, redis

PREFIX = "AICAN_"
ENV_FILE = ".env"


def _url(*schemes: str, host_needed: bool = True) -> AfterValidator:
    """A check that a text is a URL with one of ``schemes``. Messages never repeat the value: it may hold a password."""

    def check(value: str | SecretStr) -> str | SecretStr:
        text = value.get_secret_value() if isinstance(value, SecretStr) else value
        try:
            parts = urlsplit(text)
        except ValueError as error:
            raise ValueError(f"is not a URL ({error})") from None
        if parts.scheme not in schemes:
            raise ValueError(f"must be a URL that begins with {' or '.join(f'{scheme}://' for scheme in schemes)}")
        if not parts.netloc and (host_needed or not parts.path):
            raise ValueError("must name a host after ://")
        return value

    return AfterValidator(check)


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
    return Path(os.path.abspath(path.expanduser()))


def _level(value: Any) -> Any:
    text = str(value).strip().lower()
    if text not in {"debug", "info", "warning", "error"}:
        raise ValueError(f"is {text!r}; it must be debug, info, warning or error")
    return text


Port = Annotated[int, BeforeValidator(_port)]
Directory = Annotated[Path, AfterValidator(_absolute)]


class Settings(BaseSettings):
    """Everything an operator can set. Frozen: a running process keeps what it started with."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=ENV_FILE,
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        validate_default=True,
        hide_input_in_errors=True,
    )

    web_port: Port = 8000
    gateway_port: Port = 8001
    web_host: str = Field(default="127.0.0.1", min_length=1)
    gateway_host: str = Field(default="127.0.0.1", min_length=1)
    data_dir: Directory = Path("var")
    mongodb_url: Annotated[SecretStr, _url("mongodb", "mongodb+srv")] | None = None
    redis_url: Annotated[SecretStr, _url("redis", "rediss", "unix", host_needed=False)] | None = None
    public_url: Annotated[str, _url("http", "https")] = Field(
        default_factory=lambda known: f"http://localhost:{known.get('web_port', 8000)}"
    )
    gateway_url: Annotated[str, _url("ws", "wss")] = Field(
        default_factory=lambda known: f"ws://localhost:{known.get('gateway_port', 8001)}"
    )
    keyring: Directory = Field(default_factory=lambda known: known.get("data_dir", Path("var")) / "keyring.json")
    trusted_proxies: Annotated[str, AfterValidator(_networks)] = ""
    """Networks of the proxies in front of ``web``, separated by commas: only theirs is ``X-Forwarded-For`` believed."""
    log_level: Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(_level)] = "info"

    @property
    def proxies(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """The trusted proxies' networks."""
        return tuple(ip_network(part.strip()) for part in self.trusted_proxies.split(",") if part.strip())

    @property
    def mongodb_address(self) -> str:
        """Where MongoDB is: the URL that was set, else the local one's socket. May hold a password."""
        return self.mongodb_url.get_secret_value() if self.mongodb_url else mongodb.url(self.data_dir)

    @property
    def redis_address(self) -> str:
        """Where Redis is: the URL that was set, else the local one's socket. May hold a password."""
        return self.redis_url.get_secret_value() if self.redis_url else redis.url(self.data_dir)

    def environment(self) -> dict[str, str]:
        """The same as environment variables, for child processes: a ``.env`` that changed since must not split them."""
        found = {}
        for name in type(self).model_fields:
            value = getattr(self, name)
            if value is not None:
                found[PREFIX + name.upper()] = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        return found


def load() -> Settings:
    """Read and check the settings of this process. Raises :class:`OperatorError` that names each wrong one."""
    unknown = list(unknown_names(os.environ))
    if unknown:
        name, where, nearest = unknown[0]
        meant = f"Did you mean {nearest}?" if nearest else f"Known names: {', '.join(known_names())}."
        raise OperatorError(f"{name} ({where}) is not a setting.", meant)
    try:
        settings = Settings()
    except ValidationError as error:
        raise OperatorError(_told(error), f"Correct it in the environment or in {ENV_FILE}.") from None
    if settings.web_port == settings.gateway_port and settings.web_host == settings.gateway_host:
        raise OperatorError(
            f"AICAN_WEB_PORT and AICAN_GATEWAY_PORT are both {settings.web_port}.",
            "Give each server a port of its own.",
        )
    return settings


def known_names() -> list[str]:
    """Every name that may be set, as an environment variable."""
    return [PREFIX + name.upper() for name in Settings.model_fields]


def unknown_names(environment: Mapping[str, str]) -> Iterator[tuple[str, str, str | None]]:
    """Names with our prefix that mean nothing: (name, where it stands, the nearest known name or None).

    pydantic only looks up the names it knows, so a slip of the pen would otherwise pass in silence.
    """
    known = known_names()
    places = [(name, "in the environment") for name in environment]
    places += [(name, f"in {ENV_FILE}") for name in dotenv_values(ENV_FILE, interpolate=False)]
    for name, where in places:
        upper = name.upper()
        if upper.startswith(PREFIX) and upper not in known:
            # Without the prefix, which is alike in all of them and would make anything look close.
            plain = [each.removeprefix(PREFIX) for each in known]
            close = difflib.get_close_matches(upper.removeprefix(PREFIX), plain, n=1)
            yield name, where, PREFIX + close[0] if close else None


def _told(error: ValidationError) -> str:
    lines = []
    for detail in error.errors(include_url=False, include_context=False):
        if detail["type"] == "default_factory_not_called":
            continue  # a default that follows from another setting, which is reported itself
        name = PREFIX + str(detail["loc"][0]).upper()
        lines.append(f"{name} {detail['msg'].removeprefix('Value error, ')}")
    return "; ".join(lines) + "."
