"""What can go wrong, as values with a remedy. Refusals and closures of the wire are in ``chat.protocol.catalogue``."""

from __future__ import annotations


class AicanError(Exception):
    """A failure that Aican expects and names."""


class OperatorError(AicanError):
    """Something the person who runs Aican can mend. ``remedy`` says how, in one sentence; commands print both."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(f"{problem} {remedy}")
        self.problem = problem
        self.remedy = remedy


class Unavailable(AicanError):
    """A store cannot be reached now. Nothing was admitted; the caller keeps what it has and tries again.

    Whatever asks a store may raise it; docstrings name it only where they have more to say of it.
    """


class Tampered(AicanError):
    """A sealed blob does not open where it was found: altered, moved, renumbered, or sealed by another key."""


class Forbidden(AicanError):
    """The actor may not do this. ``str()`` says what would be needed."""


class NotFound(AicanError):
    """There is no such thing in the actor's workspace; what other workspaces hold looks the same."""


class Invalid(AicanError):
    """Input that cannot be used. ``field`` names it, ``str()`` says what is expected."""

    def __init__(self, field: str, expected: str) -> None:
        super().__init__(f"{field}: {expected}")
        self.field = field
        self.expected = expected


class SeqTaken(AicanError):
    """Another message holds this number: the numbering store lost its memory, or a reader closed the gap."""
