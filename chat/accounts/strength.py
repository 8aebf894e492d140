"""Which passwords are accepted: long ones that are neither common nor made of what everybody knows of their owner.

Length does the work (ASVS 5.0: at least 15 characters where there is no second factor; no composition rules). Lists of
leaked passwords hold few that long, and those are common words, runs of keys and repetitions strung together. So a
password is judged by what is left of it when these are each counted as a single character.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from chat.accounts.passwords import PASSWORD_BYTES
from chat.errors import Invalid

MIN_CHARACTERS = 15
MIN_LEFT = 8
"""Characters that must be left: one more than four common words with spaces between them give."""
_ROWS = (
    "01234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qwertzuiop",
    "azertyuiop",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
)
_RUN = 4
"""Neighbours in a row from which on they count as one."""
_LEET = str.maketrans("4@30$5718!", "aaeosstibi")
_LIST = """
password passwort passwd admin administrator welcome letmein iloveyou iloveu monkey dragon sunshine princess
football baseball basketball soccer hockey shadow master superman batman spiderman trustno1 whatever freedom
starwars computer internet michael jessica jennifer jordan charlie daniel thomas ashley nicole michelle andrew
joshua matthew summer winter spring autumn flower cookie cheese chocolate pepper ginger banana orange purple yellow
silver golden diamond hunter killer tigger ranger thunder mustang ferrari porsche mercedes corvette yankees dallas
chelsea arsenal liverpool barcelona pokemon naruto minecraft google facebook samsung nintendo android windows
microsoft secret login access changeme default guest test testing user root qazwsx hello goodbye lovely forever
family mother father friend angel heaven jesus christ buddha blessed happy lucky money number phone house school
january february march april august september october november december monday friday sunday support service server
manager office company business customer woaini aini love baby babygirl sexy pass word chat aican agent owner
"""
COMMON_WORDS = tuple(_LIST.split())
"""The words that passwords are made of most, in lists of leaked ones."""
_WORDS = re.compile("|".join(sorted({word.translate(_LEET) for word in COMMON_WORDS}, key=len, reverse=True)))


def check_password(password: str, *, known: Iterable[str]) -> None:
    """Raises Invalid on ``password`` when it is too short (15 characters), too long (1,024 bytes, as typed or in
    NFKC), common, or contains one of the words of ``known``: what others know of its owner (name, address,
    workspace)."""
    if len(password) < MIN_CHARACTERS:
        raise Invalid("password", f"at least {MIN_CHARACTERS} characters; a sentence that only you know works well")
    normal = unicodedata.normalize("NFKC", password)
    if max(len(_bytes(password)), len(_bytes(normal))) > PASSWORD_BYTES:
        raise Invalid("password", f"at most {PASSWORD_BYTES} bytes")
    if any(word in normal.casefold() for word in telling_words(known)):
        raise Invalid("password", "nothing of your name, e-mail address or workspace in it")
    if len(what_is_left(normal)) < MIN_LEFT:
        raise Invalid("password", "not made of common words, repetitions or rows of keys")


def telling_words(known: Iterable[str]) -> set[str]:
    """The parts of names and addresses that are long enough to tell something: 4 letters, or 2 of a script
    whose words are short."""
    parts = {part for text in known for part in re.split(r"[\W_]+", unicodedata.normalize("NFKC", text).casefold())}
    return {part for part in parts if len(part) >= 4 or (len(part) >= 2 and not part.isascii())}


def what_is_left(password: str) -> str:
    """``password`` with each repetition, run of neighbouring keys and common word shrunk to one character.

    Case is folded, and digits that stand for letters are read as those; only the length of the result counts.
    """
    shrunk = _without_repetition(password.casefold())
    shrunk = _without_runs(shrunk)
    return _WORDS.sub("_", shrunk.translate(_LEET))


def _without_repetition(text: str) -> str:
    """What is repeated, once: ``abcabcabcab`` is ``abc``."""
    for size in range(1, len(text) // 2 + 1):
        if (text[:size] * (len(text) // size + 1)).startswith(text):
            return text[:size]
    return re.sub(r"(.)\1{2,}", r"\1", text)


def _without_runs(text: str) -> str:
    left, at = [], 0
    while at < len(text):
        left.append(text[at])
        at += _run_length(text, at)
    return "".join(left)


def _run_length(text: str, at: int) -> int:
    """How many characters from ``at`` on follow one another in a row, forwards or backwards; 1 for no run."""
    longest = 1
    for row in (*_ROWS, *(row[::-1] for row in _ROWS)):
        size = _RUN
        while at + size <= len(text) and text[at : at + size] in row:
            longest = max(longest, size)
            size += 1
    return longest


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
