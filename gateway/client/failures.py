"""How a client's calls can fail."""

from __future__ import annotations

from chat.protocol.frames import Refused


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
