"""The doors to what was said: messages, and the conversations they belong to."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from chat.ids import ClientId, ConversationId, Seq, SiteId, VisitorId, WorkspaceId
from chat.model import Conversation, Sealed, Stored


class Messages(Protocol):
    """The record, sealed. Contiguous by number within a conversation."""

    async def append(self, message: Sealed) -> Stored:
        """Returns once journaled. A known client id returns the first Stored with ``first`` false, whatever the number;
        a number taken by another client id raises SeqTaken.

        After Unavailable it may be stored all the same: append it again under the same client id.
        """
        ...

    async def find(self, conversation: ConversationId, client_id: ClientId) -> Sealed | None:
        """The message with this client id, None when it is not in the record."""
        ...

    async def highest(self, conversation: ConversationId) -> Seq:
        """The highest stored number, 0 for none."""
        ...

    async def after(self, conversation: ConversationId, seq: Seq, *, limit: int) -> list[Sealed]:
        """The first ``limit`` messages above ``seq``, in order."""
        ...

    async def before(self, conversation: ConversationId, seq: Seq, *, limit: int) -> list[Sealed]:
        """The last ``limit`` messages below ``seq``, in order."""
        ...

    async def latest(self, conversations: Sequence[ConversationId]) -> dict[ConversationId, Sealed]:
        """The highest message of each conversation that has one. One query for all of them.

        Where a message beside it is seen to have been renumbered to a text, the highest one is without its blob.
        """
        ...

    async def unplaced(self, conversation: ConversationId, *, limit: int) -> list[Sealed]:
        """Messages that were renumbered to what no message has, such as 0 or a text; their ``seq`` is 0.

        No other read but ``all`` returns them, and none opens. Costs no more than a look where there is none.
        """
        ...

    def all(self, conversation: ConversationId) -> AsyncIterator[Sealed]:
        """Every message, the unplaced ones first, then in order; streamed in constant memory.

        Unavailable is raised while iterating, and Tampered when so much was renumbered that the rest cannot be reached.
        """
        ...


class Conversations(Protocol):
    """Conversations' states. Changes are compare-and-set on one document: of two at once exactly one is True.

    A damaged record takes no other with it: it comes with stand-ins, which ``Conversation.damaged`` names. One that
    does not say whose it is, workspace or visitor, is None and in no list: only ``kept`` and ``opened_between`` tell of
    it.
    """

    async def create(self, conversation: Conversation) -> Conversation:
        """Store it, or return the one that already has this id."""
        ...

    async def get(self, conversation: ConversationId) -> Conversation | None:
        """The conversation with this id, of whatever workspace, None when there is none."""
        ...

    async def kept(self, workspace: WorkspaceId, conversation: ConversationId) -> Conversation | None:
        """For who reads transcripts: as ``get``, of this workspace, and also one whose record does not say whose it is.

        Whose workspace it is its first message says then; its visitor is nil.
        """
        ...

    async def save(self, conversation: Conversation, *, expecting: int) -> bool:
        """Write its state if its revision still is ``expecting``; False when it is another or there is none.

        What a conversation begins with is not written again: workspace, site, visitor, time of opening and details.

        Asked again after Unavailable, False may mean that the first try was made: read it to know.
        """
        ...

    async def last_of(self, workspace: WorkspaceId, visitor: VisitorId) -> Conversation | None:
        """The visitor's conversation that was opened last, None when there never was one."""
        ...

    async def open_ones(self, workspace: WorkspaceId, *, limit: int) -> list[Conversation]:
        """Waiting and active ones, oldest first. Of more than ``limit``, half are the oldest and half the newest.

        Then 50 at most whose state is damaged, open or not.
        """
        ...

    async def ended_ones(self, workspace: WorkspaceId, *, limit: int) -> list[Conversation]:
        """The ``limit`` that ended last, newest first."""
        ...

    async def idle_since(self, at: int, *, limit: int) -> list[Conversation]:
        """Open ones of all workspaces that were opened before ``at``, the ``limit`` oldest in order of opening.

        Whether they are idle their messages tell.
        """
        ...

    def opened_between(
        self, workspace: WorkspaceId, *, site: SiteId | None, start: int | None, end: int | None
    ) -> AsyncIterator[Conversation]:
        """In order of opening, start inclusive, end exclusive (Unix milliseconds), streamed in constant memory.

        None stands for every site, or no bound. Those whose record does not say when they were opened or whose they are
        come first, whatever is asked for. Unavailable is raised while iterating, and Tampered when so many records in a
        row are damaged that the rest cannot be reached.
        """
        ...
