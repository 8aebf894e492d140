"""Lua scripts. Each is put together from files in ``lua/``, whose first lines name every KEY and ARGV."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Script:
    """A script's text and the name that Redis gives it: its SHA-1 (EVALSHA; no secret depends on it)."""

    text: str
    sha: str


def script(*texts: str) -> Script:
    """The texts one after the other, as one script. Functions of one are known in those that follow."""
    text = "\n".join(texts)
    return Script(text, hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest())


def lua(name: str) -> str:
    """The text of ``lua/<name>.lua``. Raises FileNotFoundError; asked when a module is loaded, not in service."""
    return (files(__package__) / "lua" / f"{name}.lua").read_text(encoding="utf-8")
