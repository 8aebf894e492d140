"""The verdict on a visitor's draft: deliver, deliver flagged, or refuse; with every reason for it.

Pure: what is judged comes in, nothing is looked up. One soft signal never blocks; the hard ones are those that no
person sets off: a field that people do not see, and one text from many people at once.
"""

from __future__ import annotations

from dataclasses import replace

import regex
from msgspec import Struct

from chat.inspection.repeats import is_long
from chat.model import Admitted, Conduct, Draft, Refusal
from chat.protocol.catalogue import EMPTY, REPEATED, TOO_SOON, UNREADABLE, UNWELCOME

FIRST_MESSAGE_MS = 1_200
"""Nobody opens a panel, reads the greeting, and has written within this time."""
REPEATED_FLAGGED = 2
REPEATED_REFUSED = 4
"""Other conversations that said the same lately, from which a text is flagged, or refused if it is long or links
somewhere: a short question may come from many people, and one of them must not be able to block it for the others."""
_LINK = regex.compile(r"https?://|www\.|\w\.(?:com|net|org|info|biz|io|co|cn|ru|top|xyz|shop)\b", regex.IGNORECASE)
"""Nothing in it repeats, so no text takes it more than a step a character."""
_UNKEEPABLE = "\x00"
_SHOWS_NOTHING = regex.compile(r"[\s\p{Cc}\p{Default_Ignorable_Code_Point}\u2800]*+")


class Circumstances(Struct, frozen=True):
    """What is known of the connection a draft came over."""

    is_first: bool
    """The conversation does not exist yet."""
    open_ms: int
    """Since this connection was welcomed, by our own clock: what the client says of its time is only a claim."""
    repeats: int
    """Other conversations that said the same within the last minutes."""
    is_automated: bool = False
    """The browser says that a program drives it."""


def inspect(draft: Draft, conduct: Conduct, circumstances: Circumstances) -> Admitted | Refusal:
    """The visitor's draft, admitted with its reasons for a flag; or the refusal that says what to do, and when.

    The first that holds refuses: nothing to show or to keep, the decoy field, too soon, repeated.
    """
    if (refusal := refused_text(draft.text)) is not None:
        return refusal
    if conduct.decoy:
        return UNWELCOME
    if circumstances.is_first and circumstances.open_ms < FIRST_MESSAGE_MS:
        return replace(TOO_SOON, retry_after_ms=FIRST_MESSAGE_MS - circumstances.open_ms)
    if circumstances.repeats >= REPEATED_REFUSED and (is_long(draft.text) or _LINK.search(draft.text)):
        return REPEATED
    return Admitted(draft, _reasons(circumstances))


def refused_text(text: str) -> Refusal | None:
    """Why a text cannot be kept, whoever wrote it: UNREADABLE with a NUL in it, EMPTY when it shows nothing, None when
    it can."""
    if _UNKEEPABLE in text:
        return UNREADABLE
    if text[:1].isascii() and text[:1].isalnum():  # most texts; the expression says the same, ten times as slowly
        return None
    return EMPTY if _SHOWS_NOTHING.fullmatch(text) else None


def _reasons(circumstances: Circumstances) -> tuple[str, ...]:
    reasons = []
    if circumstances.repeats >= REPEATED_FLAGGED:
        reasons.append(f"repeated: the same text in {circumstances.repeats} other conversations")
    if circumstances.is_automated:
        reasons.append("automated: the browser says that a program drives it")
    return tuple(reasons)
