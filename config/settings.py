"""Settings: environment variables or ``.env``, prefix ``AICAN_``, checked once at the start of every command.

What is not set has a default that works on one machine. A wrong value or an unknown name is an :class:`OperatorError`
that names it; secrets (stores' URLs may hold passwords) are never part of a message or of ``repr``.
"""

from __future__ import annotations

import difflib
import logging
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import StringIO
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal

from dotenv.parser import parse_stream
from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from chat.errors import OperatorError
from config.local import mongodb, redis
from config.values import (
    REDIS_SCHEMES,
    Directory,
    File,
    Level,
    Networks,
    Port,
    Processes,
    names_service,
    url,
)

PREFIX = "AICAN_"
ENV_FILE = ".env"


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
    gateway_processes: Processes = 1
    """How many gateways listen on the one port; each uses one core."""
    data_dir: Directory = Path("var")
    mongodb_url: Annotated[SecretStr, url("mongodb", "mongodb+srv")] | None = None
    redis_url: Annotated[SecretStr, url(*REDIS_SCHEMES, host_needed=False), AfterValidator(names_service)] | None = None
    public_url: Annotated[str, url("http", "https", bare=True)] = Field(
        default_factory=lambda known: f"http://localhost:{known.get('web_port', 8000)}"
    )
    gateway_url: Annotated[str, url("ws", "wss")] = Field(
        default_factory=lambda known: f"ws://localhost:{known.get('gateway_port', 8001)}"
    )
    keyring: File = Field(default_factory=lambda known: known.get("data_dir", Path("var")) / "keyring.json")
    trusted_proxies: Networks = ""
    """Networks of the proxies in front of ``web``, separated by commas: only theirs is ``X-Forwarded-For`` believed."""
    log_level: Annotated[Literal["debug", "info", "warning", "error"], Level] = "info"

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


@dataclass(frozen=True, slots=True)
class Wrong:
    """Something wrong with the settings. ``name`` is the variable, empty where it is none of ours."""

    name: str
    problem: str
    remedy: str


def load() -> Settings:
    """Read and check the settings of this process. Raises :class:`OperatorError` that names all that is wrong."""
    settings, wrong = read()
    if not wrong:
        return settings
    *others, last = wrong
    told = [f"{each.problem} {each.remedy}" if each.remedy != last.remedy else each.problem for each in others]
    raise OperatorError(" ".join([*told, last.problem]), last.remedy)


def read() -> tuple[Settings, list[Wrong]]:
    """The settings of this process with defaults in place of wrong ones, and everything that is wrong."""
    file, in_file, unreadable = _env_file()
    wrong = [*unreadable, *_unknown(os.environ, "in the environment"), *_unknown(in_file, f"in {ENV_FILE}")]
    instead: dict[str, Any] = {}
    while True:
        try:
            settings = Settings(**{"_env_file": file} | instead)
            break
        except ValidationError as error:
            for name, problem in _wrong_values(error):
                instead[name] = Settings.model_fields[name].get_default(call_default_factory=True, validated_data={})
                wrong.append(Wrong(_variable(name), problem, f"Correct it in the environment or in {ENV_FILE}."))
    return settings, wrong + list(_equal_ports(settings, instead))


def known_names() -> list[str]:
    """Every name that may be set, as an environment variable."""
    return [_variable(name) for name in Settings.model_fields]


def _variable(field: str) -> str:
    return PREFIX + field.upper()


def _env_file() -> tuple[str | None, list[str], list[Wrong]]:
    """The file if it can be used, the names that it sets, and what is wrong with the file itself."""
    if not os.path.isfile(ENV_FILE):
        return None, [], []
    logging.getLogger("dotenv.main").setLevel(logging.ERROR)  # it would say again which lines it cannot read
    try:
        bindings = list(parse_stream(StringIO(Path(ENV_FILE).read_text(encoding="utf-8"))))
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        return None, [], [Wrong("", f"{ENV_FILE} cannot be read: {why}.", "Mend it, or remove it.")]
    wrong = [
        Wrong("", f"{ENV_FILE}, line {each.original.line}, is not NAME=value.", "Correct it.")
        for each in bindings
        if each.error
    ]
    return ENV_FILE, [each.key for each in bindings if each.key is not None], wrong


def _unknown(names: Iterable[str], where: str) -> Iterator[Wrong]:
    """Names with our prefix that mean nothing.

    pydantic only looks up the names it knows, so a slip of the pen would otherwise pass in silence.
    """
    known = known_names()
    for name in names:
        upper = name.upper()
        if upper.startswith(PREFIX) and upper not in known:
            # Without the prefix, which is alike in all of them and would make anything look close.
            plain = [each.removeprefix(PREFIX) for each in known]
            close = difflib.get_close_matches(upper.removeprefix(PREFIX), plain, n=1)
            meant = f"Did you mean {PREFIX}{close[0]}?" if close else f"Known names: {', '.join(known)}."
            yield Wrong(name, f"{name} ({where}) is not a setting.", meant)


def _wrong_values(error: ValidationError) -> Iterator[tuple[str, str]]:
    """Each wrong setting, by its field, and what is wrong with it."""
    for detail in error.errors(include_url=False, include_context=False):
        # A default that follows from another setting is no error of its own: that one is reported.
        if detail["type"] != "default_factory_not_called":
            field = str(detail["loc"][0])
            yield field, f"{_variable(field)} {detail['msg'].removeprefix('Value error, ')}."


def _equal_ports(settings: Settings, instead: dict[str, Any]) -> Iterator[Wrong]:
    equal = settings.web_port == settings.gateway_port and settings.web_host == settings.gateway_host
    if equal and not instead.keys() & {"web_port", "gateway_port"}:
        yield Wrong(
            "AICAN_GATEWAY_PORT",
            f"AICAN_WEB_PORT and AICAN_GATEWAY_PORT are both {settings.web_port}.",
            "Give each server a port of its own.",
        )
