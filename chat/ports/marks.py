"""The door to how far each side of a conversation has come."""

from __future__ import annotations

from typing import Protocol

from chat.ids import ConversationId
from chat.model import ReadMarks


class MarkBoard(Protocol):
    """The highest received and read marks of both sides; forgotten a week after the last."""

    async def raise_to(self, conversation: ConversationId, marks: ReadMarks) -> None:
        """Raise the marks of one side, each by itself, in one atomic step; neither is ever lowered."""
        ...

    async def of(self, conversation: ConversationId) -> list[ReadMarks]:
        """The marks of each side that has any, in order of roles; empty when nothing is remembered."""
        ...
