"""How a client's calls can fail."""

from __future__ import annotations

from chat.protocol.frames import TEXT_CHARACTERS, Refused


class Closed(Exception):
    """The server hung up for good, or the client was closed. ``code`` is a closure of the catalogue, or 0."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"{code} {text}")
        self.code = code


class NotCarriedOut(Exception):
    """The server refused a question. ``refused`` says why, and what to do."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.text)
        self.refused = refused


class TooLong(ValueError):
    """A text has more than TEXT_CHARACTERS characters. It was not sent: the server would hang up on it."""

    def __init__(self, characters: int) -> None:
        super().__init__(f"A message has at most {TEXT_CHARACTERS:,} characters; this one has {characters:,}.")
