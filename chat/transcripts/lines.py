"""One conversation's lines: what is wrong with its record, then its messages by number."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol

from msgspec.structs import replace

from chat.errors import Tampered
from chat.ids import Seq
from chat.model import Conversation, Kind, MessageView, Sealed, Site, State, VisitorProfile
from chat.ports import Messages
from chat.protocol.frames import VisitorView
from chat.sealing.messages import MessageSealer
from chat.transcripts.names import Names
from chat.transcripts.owned import owned
from chat.transcripts.rows import Fault, Row, row


class VisitorDetails(Protocol):
    """Opens what is known of a conversation's visitor."""

    async def view(self, conversation: Conversation, profile: VisitorProfile | None) -> VisitorView:
        """The visitor as agents see them; ``profile`` is None for one who said nothing of themselves.

        What does not open is empty, or says so in its place.
        """
        ...

    async def opens(self, conversation: Conversation) -> bool:
        """Whether what was known of the visit opens; True where nothing was."""
        ...


class Lines:
    """Opens conversations, line by line."""

    def __init__(self, messages: Messages, sealer: MessageSealer, details: VisitorDetails) -> None:
        self._messages = messages
        self._sealer = sealer
        self._details = details

    async def begun(self, conversation: Conversation) -> Conversation:
        """The conversation with the time of its first message where its record says a later one.

        A record is made while its first message is already on the way, by milliseconds. Only a message that opens
        counts: nobody moves a conversation in time by altering what stands beside its seal.
        """
        first = await self._messages.after(conversation.id, Seq(0), limit=1)
        if not first or first[0].at >= conversation.opened_at or await self._opened(conversation, first[0]) is None:
            return conversation
        return replace(conversation, opened_at=first[0].at)

    async def of(self, conversation: Conversation, names: Names, *, site: Site | None = None) -> AsyncIterator[Row]:
        """The lines of ``conversation``, read as they are asked for; with ``site``, also what is wrong with that one's
        record. A number that the record skips is a line, too.

        Raises Unavailable and Tampered while it is read, as ``Messages.all``: then it is not whole.
        """
        for remark in await self._remarks(conversation, site):
            yield remark
        expected, is_told = 1, conversation.state is not State.ENDED
        messages = self._messages.all(conversation.id)
        async with owned(messages):
            async for sealed in messages:
                if sealed.seq > expected:
                    yield row(conversation, expected, error=Fault.MISSING)
                message = await self._opened(conversation, sealed)
                is_told = is_told or (message is not None and message.kind is Kind.ENDED)
                if message is not None and message.is_taken_out:
                    yield row(conversation, sealed.seq, error=Fault.MISSING)
                else:
                    yield await _line(conversation, sealed, message, names)
                expected = sealed.seq + 1 if sealed.seq else expected
        if not is_told:  # it ended with a message that says so: whoever cut off the end took that one
            yield row(conversation, expected, error=Fault.MISSING)

    async def _remarks(self, conversation: Conversation, site: Site | None) -> list[Row]:
        remarks = []
        damaged = [*conversation.damaged, *(f"site.{name}" for name in (site.damaged if site else ()))]
        if damaged:
            remarks.append(row(conversation, 0, text=", ".join(damaged), error=Fault.DAMAGED))
        if "details" not in damaged and not await self._details.opens(conversation):
            remarks.append(row(conversation, 0, error=Fault.DETAILS))
        return remarks

    async def _opened(self, conversation: Conversation, sealed: Sealed) -> MessageView | None:
        try:
            return await self._sealer.open(conversation, sealed)
        except Tampered:
            return None


async def _line(conversation: Conversation, sealed: Sealed, message: MessageView | None, names: Names) -> Row:
    if message is None:
        return row(conversation, sealed.seq, at=sealed.at, error=Fault.TAMPERED)
    author = await names.of(message)
    return row(
        conversation,
        message.seq,
        at=message.at,
        kind=message.kind,
        role=message.role,
        author_id="" if message.author is None else str(message.author),
        author=author,
        text=_said(message, author),
    )


def _said(message: MessageView, author: str) -> str:
    """What a line says: of an event a sentence, of a number that nobody used nothing."""
    match message.kind:
        case Kind.JOINED:
            return f"{message.body or author or 'An agent'} joined."
        case Kind.ENDED:
            return "The conversation was ended."
        case Kind.VOID:
            return ""
        case _:
            return message.body
