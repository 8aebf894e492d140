"""Commands that are asked by the thousand."""

from __future__ import annotations

from typing import NamedTuple

from storage.redis.keys import slot
from storage.redis.wire import Word, pack


class Prepared(NamedTuple):
    """A command that is asked again and again, in a thousand variations; keep it."""

    words: tuple[Word, ...]
    packed: bytes
    slot: int


def prepared(*words: Word) -> Prepared:
    """A command with a key as its second word."""
    return Prepared(words, pack(words), slot(words[1]))
