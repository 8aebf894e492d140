"""What a generator has to know of a system's wire: how to greet, how to write a message, what an answer means."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol


class Meaning(IntEnum):
    """What a payload from the server says to the generator."""

    NOTHING = 0
    MESSAGE = 1
    """Somebody said something."""
    ACKNOWLEDGED = 2
    """What this client said is stored."""
    WELCOME = 3
    """This client may begin."""
    QUESTION = 4
    """The server wants an answer: see ``Wire.answer``."""
    REFUSED = 5


@dataclass(frozen=True, slots=True)
class Seat:
    """One client's place: which server it dials, what it says first, and which conversation it is in."""

    port: int
    greeting: bytes
    """A payload, not framed yet."""
    conversation: bytes
    """As ``Wire.post`` wants it."""


class Wire(Protocol):
    """One system's protocol. All clients of a system share one."""

    @property
    def request(self) -> dict[str, str]:
        """``path``, ``subprotocol`` and ``user_agent`` of the opening request."""
        ...

    @property
    def greets_first(self) -> bool:
        """Whether the client speaks first; else it greets as its answer to the server's first payload."""
        ...

    @property
    def beat_s(self) -> float:
        """How often a client sends a heartbeat by itself; 0: it only answers the server's."""
        ...

    def post(self, seat: Seat, text: bytes) -> tuple[bytes, bytes]:
        """A new message's name, and the whole frame that says ``text``.

        The name is unique in all runs, and comes back in the acknowledgement and in the message itself.
        """
        ...

    def meaning(self, payload: bytes) -> Meaning:
        """What the server says."""
        ...

    def answer(self, seat: Seat, payload: bytes) -> bytes:
        """The whole frame that answers a ``QUESTION``."""
        ...

    def beat(self, seat: Seat) -> bytes:
        """The whole frame of a heartbeat."""
        ...

    def opcode(self) -> int:
        """Text or binary frames."""
        ...
