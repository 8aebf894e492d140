"""The same text in many conversations. Only keyed digests are remembered, so that no text can be read out of memory."""

from __future__ import annotations

import unicodedata
from collections import OrderedDict
from hashlib import blake2b

import regex

from chat.ids import ConversationId, WorkspaceId

WINDOW_S = 600.0
"""How long a text is remembered after it was last said."""
TEXTS = 10_000
"""Texts remembered at most; the one that was said longest ago goes first."""
SHORT = 20
"""Texts with less in them are greetings and thanks, which people do share."""
COMPARED = 1_000
"""Characters that are compared; who changes only what comes after them is caught by the rest."""
LONG = 40
"""Texts with this much in them nobody else writes by chance; «What are your opening hours?» has 23 letters."""
DIGEST_BYTES = 8
# Joiners, soft hyphens and the like show nothing, and part the same words for everybody but a reader.
_NOISE = regex.compile(r"[^\p{L}]+|\p{Default_Ignorable_Code_Point}+")
"""Marks go too: decomposed, an accent is a mark, and adding some must not make another text."""
_ASCII_NOISE = bytes(code for code in range(128) if not chr(code).isalpha())


def repeatable(text: str) -> str | None:
    """What is compared: letters only, one case, one width. None where the text is too short to say anything."""
    letters = _letters(text)
    return letters if _weight(letters) >= SHORT else None


def is_long(text: str) -> bool:
    """Whether nobody else writes this text by chance."""
    return _weight(_letters(text)) >= LONG


def _letters(text: str) -> str:
    if text.isascii():  # the same as below, seven times as fast
        return text[:COMPARED].lower().encode().translate(None, _ASCII_NOISE).decode()
    # Cut first: normalising some texts takes time that grows with the square of their length.
    letters: str = _NOISE.sub("", unicodedata.normalize("NFKD", text[:COMPARED]).casefold())
    return letters


def _weight(letters: str) -> float:
    """How much letters say: a Chinese character about as much as two and a half others."""
    return (
        len(letters)
        if letters.isascii()
        else sum(2.5 if "\u2e80" <= letter <= "\U0003ffff" else 1 for letter in letters)
    )


class Repeats:
    """Which conversations said a text lately, by its digest. Every gateway hears all digests over the bus.

    ``now`` is monotonic seconds throughout. At most 10,000 texts, each in at most 64 conversations, for 10 minutes.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._said: OrderedDict[tuple[WorkspaceId, bytes], tuple[float, set[ConversationId]]] = OrderedDict()

    def digest(self, workspace: WorkspaceId, text: str) -> bytes | None:
        """The text's keyed digest in this workspace, None for texts that everybody may repeat.

        Keyed BLAKE2b (RFC 7693) of 8 bytes: that two of 10,000 texts share one has a chance below 10⁻¹¹.
        """
        letters = repeatable(text)
        if letters is None:
            return None
        said = workspace.bytes + letters.encode()
        return blake2b(said, key=self._key, digest_size=DIGEST_BYTES).digest()

    def others(self, workspace: WorkspaceId, digest: bytes, conversation: ConversationId, now: float) -> int:
        """In how many other conversations it was said, since it was last silent for a whole window; 64 at most."""
        until, conversations = self._said.get((workspace, digest), (0.0, frozenset[ConversationId]()))
        return len(conversations) - (conversation in conversations) if now < until else 0

    def remember(self, workspace: WorkspaceId, digest: bytes, conversation: ConversationId, now: float) -> None:
        """It was said here, now."""
        name = (workspace, digest)
        until, conversations = self._said.pop(name, (0.0, set()))
        if now >= until:
            conversations = set()
        if len(conversations) < 64:  # more would change no verdict
            conversations.add(conversation)
        self._said[name] = (now + WINDOW_S, conversations)
        if len(self._said) > TEXTS:
            self._said.popitem(last=False)
