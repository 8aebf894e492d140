"""What a User-Agent header says of a browser, in words for people."""

from __future__ import annotations

from functools import lru_cache

from msgspec import Struct
from ua_parser import parse

USER_AGENT_CHARACTERS = 512
"""Longer ones are cut: no browser sends more, and parsing costs by length."""


class Device(Struct, frozen=True):
    """A browser and what it runs on; empty where the header does not say."""

    browser: str = ""
    system: str = ""
    kind: str = ""


@lru_cache(maxsize=4096)
def device(user_agent: str) -> Device:
    """The device in a User-Agent header, of which 512 characters are read; empty where it does not say.

    Parsing costs up to a millisecond, so the 4,096 asked last are remembered.
    """
    user_agent = user_agent[:USER_AGENT_CHARACTERS]
    found = parse(user_agent)
    browser = _versioned(found.user_agent.family, found.user_agent.major) if found.user_agent else ""
    system = _versioned(found.os.family, found.os.major) if found.os else ""
    model = found.device.family if found.device else ""
    return Device(browser, system, _kind(user_agent, model))


def _versioned(family: str, major: str | None) -> str:
    if family == "Mac OS X":
        return "macOS"  # browsers have frozen its version at 10.15 for years
    return f"{family} {major}" if major and family != "Other" else family


def _kind(user_agent: str, model: str) -> str:
    is_phone = "Mobi" in user_agent
    if "iPad" in user_agent or "Tablet" in user_agent or ("Android" in user_agent and not is_phone):
        return "tablet"
    if is_phone:
        is_known = model not in ("", "Other", "K") and not model.startswith("Generic")
        return f"phone ({model})" if is_known else "phone"
    return "desktop" if user_agent.startswith("Mozilla/") else ""  # as every browser begins, and few programs
