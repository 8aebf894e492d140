"""What participants say, and when: everything from a seed."""

from __future__ import annotations

from random import Random

_LETTERS = "abcdefghijklmnopqrstuvwxyzäöüßéèñçабвгдежз"
_SIGNS = "您好请问营业时间退款订单の予約안녕하세요🙂👍🏽👩‍👩‍👧🇺🇳"


class Source:
    """One participant's messages. Each text is said once in a run: it begins with who says it and its number."""

    def __init__(self, name: str, random: Random, *, pause_s: float, longest: int = 400) -> None:
        """``pause_s`` is the mean time between bursts, ``longest`` the length of a long text in characters."""
        self._name = name
        self._random = random
        self._pause_s = pause_s
        self._longest = longest
        self._count = 0

    def pause_s(self) -> float:
        """How long to be silent now."""
        return self._random.expovariate(1 / self._pause_s) if self._pause_s else 0.0

    def burst(self) -> list[str]:
        """What to say at once: mostly one text, sometimes several canned lines."""
        return [self._text() for _ in range(self._random.choice((1, 1, 1, 1, 1, 2, 3, 5)))]

    def _text(self) -> str:
        self._count += 1
        length = self._random.choice((3, 15, 40, 40, 80, 120, self._longest))
        letters = self._random.choices(_LETTERS, k=length)
        if self._random.random() < 0.2:
            letters += self._random.choices(_SIGNS, k=6)
        return f"{self._name} {self._count}: {''.join(letters)}"
