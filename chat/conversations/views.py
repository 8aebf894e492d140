"""How conversations and messages look to those who may see them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from msgspec import structs

from chat.conversations.details import Details
from chat.conversations.known_sites import KnownSites
from chat.conversations.people import People
from chat.errors import Tampered
from chat.ids import Seq
from chat.model import Conversation, Kind, MessageView, ReadMarks, Role, Sealed, VisitorProfile
from chat.ports import Messages, Visitors
from chat.protocol.frames import ConversationView, MarkView, Person, VisitorView
from chat.sealing.messages import MessageSealer

PREVIEW_CHARACTERS = 256
"""More than a line of any list."""
PREVIEW_BACK = 4
"""How far before the latest message a preview is looked for: joining and ending are one number each, voids are rare."""
DAMAGED = "[record damaged]"
"""Stands before the page's title of a conversation whose record holds impossible values; the log says which."""


class Views:
    """Opens records into what frames carry."""

    def __init__(
        self,
        sealer: MessageSealer,
        details: Details,
        people: People,
        messages: Messages,
        visitors: Visitors,
        sites: KnownSites,
    ) -> None:
        self._sealer = sealer
        self._details = details
        self._people = people
        self._messages = messages
        self._visitors = visitors
        self._sites = sites

    async def message(self, conversation: Conversation, sealed: Sealed) -> MessageView:
        """The message; one that does not open says so in its place, so that its number is not missing."""
        try:
            view = await self._sealer.open(conversation, sealed)
            return structs.replace(view, kind=Kind.UNREADABLE, body="") if view.is_taken_out else view
        except Tampered:
            return MessageView(sealed.seq, sealed.client_id, Kind.UNREADABLE, Role.SYSTEM, None, sealed.at, "")

    async def preview(self, conversation: Conversation, sealed: Sealed) -> MessageView:
        """The message as lists show it: its beginning. Whole ones would let visitors fill a queue with megabytes."""
        view = await self.message(conversation, sealed)
        return structs.replace(view, body=view.body[:PREVIEW_CHARACTERS])

    async def messages(self, conversation: Conversation, sealed: Sequence[Sealed]) -> list[MessageView]:
        """A page of messages, in the order they come.

        Where it holds the conversation's beginning, an unreadable message of number 0 comes first if the record has
        one or more that were renumbered to what no message has. Raises Unavailable.
        """
        astray = [] if sealed and sealed[0].seq > 1 else await self._messages.unplaced(conversation.id, limit=1)
        return [await self.message(conversation, one) for one in (*astray, *sealed)]

    async def for_visitor(self, conversation: Conversation, top: Seq) -> ConversationView:
        """The conversation as its visitor sees it."""
        agent = await self._people.person(conversation.agent, available=True) if conversation.agent else None
        return _view(conversation, await self._sites.name(conversation.site), top, agent)

    async def for_agents(self, conversations: Sequence[Conversation]) -> list[ConversationView]:
        """The conversations as the queue shows them, with visitors and their latest texts; two reads for all, and one
        for each in which something else than a text came last.

        What does not open says so in its place. Raises Unavailable.
        """
        latest = await self._messages.latest([one.id for one in conversations])
        profiles = await self._visitors.many([one.visitor for one in conversations])
        views = []
        for one in conversations:
            sealed = latest.get(one.id)
            preview = await self._last_said(one, sealed) if sealed else None
            agent = await self._people.person(one.agent, available=True) if one.agent else None
            visitor = await self._visitor(one, profiles.get(one.visitor))
            site = await self._sites.name(one.site)
            views.append(_view(one, site, sealed.seq if sealed else Seq(0), agent, visitor, preview))
        return views

    async def _last_said(self, conversation: Conversation, latest: Sealed) -> MessageView | None:
        """The last text; that somebody joined or left is in the conversation's state already."""
        view = await self.preview(conversation, latest)
        if is_said(view):
            return view
        before = await self._messages.before(conversation.id, latest.seq, limit=PREVIEW_BACK)
        for sealed in reversed(before):
            if is_said(view := await self.preview(conversation, sealed)):
                return view
        return None

    async def _visitor(self, conversation: Conversation, profile: VisitorProfile | None) -> VisitorView:
        view = await self._details.view(conversation, profile)
        return structs.replace(view, page_title=f"{DAMAGED} {view.page_title}") if conversation.damaged else view

    async def authors(self, conversation: Conversation, messages: Sequence[MessageView]) -> list[Person]:
        """The agents who wrote these messages or claimed the conversation."""
        accounts: set[UUID] = {one.author for one in messages if one.role is Role.AGENT and one.author}
        if conversation.agent:
            accounts.add(conversation.agent)
        found = [await self._people.person(account, available=True) for account in sorted(accounts)]
        return [person for person in found if person]


def is_said(message: MessageView) -> bool:
    """Whether lists show it as the latest of its conversation: a text, or what stands where one was altered."""
    return message.kind in (Kind.TEXT, Kind.UNREADABLE)


def marks_view(marks: Sequence[ReadMarks]) -> list[MarkView]:
    """Marks as frames carry them."""
    return [MarkView(one.role, one.received, one.read) for one in marks]


def _view(
    conversation: Conversation,
    site: str,
    top: Seq,
    agent: Person | None,
    visitor: VisitorView | None = None,
    preview: MessageView | None = None,
) -> ConversationView:
    return ConversationView(
        conversation=conversation.id,
        site=site,
        state=conversation.state,
        revision=conversation.revision,
        agent=agent,
        opened_at=conversation.opened_at,
        claimed_at=conversation.claimed_at,
        ended_at=conversation.ended_at,
        top=top,
        visitor=visitor,
        preview=preview,
    )
