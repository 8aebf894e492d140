"""The door to the numbering of messages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from chat.ids import ConversationId, Seq
from chat.model import Admitted, Numbered
from chat.ports.budgets import Limited, Rate


class HasEnded(Struct, frozen=True):
    """The conversation has ended; no number is given in it any more."""


class Forgotten(Struct, frozen=True):
    """The store remembers less than its caller, so it may not know of an end either: nothing was given or spent."""


class Numbers(Protocol):
    """Places messages in their conversations, one atomic step each; the store's clock counts for budgets.

    It may forget: a conversation a week after its last number, client ids sooner, all of it when the store lost its
    memory, the latest of it when an older copy took over. Then the record (``Messages``, ``Conversations``) is asked.
    """

    async def number(
        self, message: Admitted, *, author: Rate, conversation: Rate, floor: Seq, again: bool = False
    ) -> Numbered | Limited | HasEnded | Forgotten:
        """A known client id gives its old number, over budget Limited, else one more than the counter. ``floor`` is
        what the caller knows to be stored, 0 for nothing: Forgotten when the counter is below it; then ``resume`` it.
        ``again`` forgets the old number: it was taken by another message. A message of kind ENDED ends the numbering
        with its own number.

        ``author`` is one budget for each author in this conversation, ``conversation`` one for everybody's messages
        in it: both admit, or neither is spent. After the end all but known client ids and the message that ended it
        get HasEnded; where ``resume`` told of the end, the message of kind ENDED passes with ``again``. After
        Unavailable ask again with the same client id: it has one number.
        """
        ...

    async def tops(self, conversations: Sequence[ConversationId]) -> list[Seq | None]:
        """The highest number given in each, in the order asked; None where the store remembers nothing. One trip."""
        ...

    async def resume(self, conversation: ConversationId, *, highest: Seq, ended: bool) -> None:
        """Tell a store that lost its memory where the record stands; both were read after the loss was seen.

        Never lowers a counter, never opens what ended.
        """
        ...
