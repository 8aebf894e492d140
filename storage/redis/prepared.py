"""Commands that are asked by the thousand."""

from __future__ import annotations

from typing import NamedTuple

from hiredis import Reader

from storage.redis.keys import slot
from storage.redis.wire import Word, pack


class Prepared(NamedTuple):
    """A command that is asked again and again, in a thousand variations; keep it."""

    packed: bytes
    slot: int

    @property
    def words(self) -> tuple[Word, ...]:
        """The command's words. They are not kept: thousands are, and they are hardly ever asked for."""
        reader = Reader()
        reader.feed(self.packed)
        return tuple(reader.gets())


def prepared(*words: Word) -> Prepared:
    """A command with a key as its second word."""
    return Prepared(pack(words), slot(words[1]))
