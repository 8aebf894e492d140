"""What visitors say: 100 bytes of plain words, no two alike, as people's messages are."""

from __future__ import annotations

import random
from itertools import count

BYTES = 100
_POOL = 4_096
_TAIL = 12
_LETTERS = bytes.maketrans(b"0123456789", b"bcdfghjklm")
_WORDS = (
    "about after again address already another answer arrived before because black blue book bought box bring broken "
    "call cannot card change check city close cold colour come could customer date delivery different door early email "
    "evening every exchange expect family find first friday gift give green hello help home hope house invoice just "
    "kitchen large last later letter little long lost mail maybe message missing monday money month morning need never "
    "next night number office often open order other paid parcel payment people phone place please price question "
    "quickly ready really receipt red refund reply return right room same saturday second send shirt shoes shop size "
    "small someone soon sorry still store street summer table thank these thing third today together tomorrow tracking "
    "train tuesday twice under until usually village wait want warm watch week where which white window without wrong"
)


class Texts:
    """An endless supply. The last letters of each text count, so that none comes twice in a run."""

    def __init__(self, seed: int = 1) -> None:
        chance, words = random.Random(seed), _WORDS.split()
        self._pool = [_sentence(chance, words) for _ in range(_POOL)]
        self._numbers = count(random.Random().randrange(10**9))

    def next(self) -> bytes:
        """100 bytes of ASCII."""
        number = next(self._numbers)
        return self._pool[number % _POOL] + (b"%012d" % number).translate(_LETTERS)


def sized(size: int) -> bytes:
    """``size`` bytes of words."""
    return " ".join(random.choices(_WORDS.split(), k=size))[:size].encode()


def _sentence(chance: random.Random, words: list[str]) -> bytes:
    said = " ".join(chance.choices(words, k=BYTES // 2))
    return said[: BYTES - _TAIL - 1].encode() + b" "
