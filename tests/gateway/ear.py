"""Everything that a client is sent, to look at."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Any, TypeVar
from uuid import UUID

from chat.protocol.frames import (
    ConversationChanged,
    ConversationView,
    Kind,
    Message,
    MessageView,
    Queue,
    ServerFrame,
)
from gateway.client import Client
from tests.gateway.waiting import until

Wanted = TypeVar("Wanted", bound=ServerFrame)


class Ear:
    """Use it with ``async with``, around the client: it enters the client, too, and ends when the client does."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.frames: list[ServerFrame] = []
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Ear:
        await self.client.__aenter__()
        self._task = asyncio.create_task(self._listen())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.client.close()
        assert self._task is not None
        await self._task

    async def _listen(self) -> None:
        async for frame in self.client:
            self.frames.append(frame)

    def all(self, kind: type[Wanted], **fields: Any) -> list[Wanted]:
        """The frames of this kind with these fields, so far."""
        return [frame for frame in self.frames if isinstance(frame, kind) and _has(frame, fields)]

    async def hears(self, kind: type[Wanted], **fields: Any) -> Wanted:
        """The first frame of this kind with these fields, once it is there."""
        await until(lambda: self.all(kind, **fields))
        return self.all(kind, **fields)[0]

    def messages(self, conversation: UUID) -> list[MessageView]:
        """What was shown of a conversation, in the order it was shown."""
        return [frame.message for frame in self.all(Message, conversation=conversation)]

    def texts(self, conversation: UUID) -> list[str]:
        """What was said in it."""
        return [message.body for message in self.messages(conversation) if message.kind is Kind.TEXT]

    async def hears_texts(self, conversation: UUID, *texts: str) -> None:
        """Exactly these were said, in this order, once each."""
        await until(lambda: len(self.texts(conversation)) >= len(texts))
        assert self.texts(conversation) == list(texts)

    def listed(self, conversation: UUID) -> ConversationView | None:
        """The conversation as the list shows it now: the last queue, and what changed since."""
        found: ConversationView | None = None
        for frame in self.frames:
            if isinstance(frame, Queue):
                found = next((v for v in (*frame.conversations, *frame.ended) if v.conversation == conversation), None)
            elif isinstance(frame, ConversationChanged) and frame.conversation.conversation == conversation:
                found = frame.conversation
        return found

    async def lists(self, conversation: UUID, **fields: Any) -> ConversationView:
        """The conversation, once the list shows it with these fields."""
        await until(lambda: (view := self.listed(conversation)) is not None and _has(view, fields))
        view = self.listed(conversation)
        assert view is not None
        return view


def _has(frame: Any, fields: dict[str, Any]) -> bool:
    return all(_dig(frame, name) == value for name, value in fields.items())


def _dig(value: Any, name: str) -> Any:
    for part in name.split("__"):
        value = getattr(value, part, None)
    return value
