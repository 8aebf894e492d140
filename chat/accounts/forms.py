"""What people type about themselves, checked once and in one spelling."""

from __future__ import annotations

import unicodedata

from email_validator import EmailNotValidError, validate_email

from chat.errors import Invalid

NAME_CHARACTERS = 80


def checked_email(email: str) -> str:
    """The address in normal form. Raises Invalid on ``email``.

    Syntax only (RFC 5321, 6531): no look-up tells who signs up here.
    """
    try:
        return validate_email(email.strip(), check_deliverability=False).normalized
    except EmailNotValidError:
        raise Invalid("email", "an e-mail address, such as anna@example.com") from None
    except UnicodeError:
        raise Invalid("email", "an e-mail address of ordinary characters") from None


def checked_name(name: str, field: str = "name") -> str:
    """The name in one line of visible characters (NFC), 1 to 80 of them. Raises Invalid on ``field``.

    Control characters, line ends and those that turn the direction of writing would let a name pretend to be more
    than a name; joiners and marks, which many scripts need, stay.
    """
    return checked_line(name, field, NAME_CHARACTERS)


def checked_line(given: str, field: str, most: int) -> str:
    """One line of visible characters, as ``checked_name`` wants them, 1 to ``most``. Raises Invalid on ``field``."""
    text = " ".join(unicodedata.normalize("NFC", given).split())
    if not text or len(text) > most:
        raise Invalid(field, f"between 1 and {most} characters")
    if any(_is_unwelcome(character) for character in text):
        raise Invalid(field, "letters, digits and punctuation only")
    return text


def _is_unwelcome(character: str) -> bool:
    joiners = "\u200c\u200d"
    return unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} and character not in joiners
