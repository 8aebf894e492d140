"""Reading transcripts: the same code for the REST endpoint and for ``aican export``."""

from __future__ import annotations

from collections.abc import AsyncIterator

from msgspec import Struct

from chat.errors import Forbidden, NotFound
from chat.ids import ConversationId, SiteId
from chat.model import Actor, Conversation, Role, Site
from chat.ports import Accounts, Conversations, Messages, Sites, Visitors
from chat.protocol.frames import VisitorView
from chat.sealing.messages import MessageSealer
from chat.sealing.personal import PersonalFields
from chat.transcripts.lines import Lines, VisitorDetails
from chat.transcripts.names import Names
from chat.transcripts.owned import owned
from chat.transcripts.rows import Row


class Request(Struct, frozen=True):
    """Which conversations: of one site or all, opened from ``start`` (inclusive) to ``end`` (exclusive), Unix ms."""

    site: SiteId | None = None
    start: int | None = None
    end: int | None = None


class Transcript(Struct, frozen=True):
    """One conversation: its record, its site, its visitor, and its lines."""

    conversation: Conversation
    site: Site | None
    visitor: VisitorView
    rows: AsyncIterator[Row]


class Transcripts:
    """Opens what a workspace's conversations said. Only agents and the workspace's own system may."""

    def __init__(
        self,
        conversations: Conversations,
        messages: Messages,
        sites: Sites,
        accounts: Accounts,
        visitors: Visitors,
        fields: PersonalFields,
        sealer: MessageSealer,
        details: VisitorDetails,
    ) -> None:
        self._conversations = conversations
        self._sites = sites
        self._accounts = accounts
        self._visitors = visitors
        self._fields = fields
        self._details = details
        self._lines = Lines(messages, sealer, details)

    async def export(self, actor: Actor, request: Request) -> AsyncIterator[Row]:
        """Every message in order of its conversation's opening, then of its number; read as it is asked for.

        Conversations whose damaged record does not say when they were opened come first, whatever was asked for.
        Raises NotFound when the site is not one of the actor's workspace, Forbidden for a visitor; while it is read,
        Unavailable when a store goes away and Tampered when damage keeps it from going on: what came until then is no
        whole transcript.
        """
        _check_may_read(actor)
        if request.site is not None:
            await self._site(actor, request.site)
        return self._exported(actor, request)

    async def one(self, actor: Actor, conversation: ConversationId) -> Transcript:
        """One conversation. Raises NotFound when the actor's workspace has none of this id, Forbidden for a visitor."""
        _check_may_read(actor)
        found = await self._conversations.kept(actor.workspace, conversation)
        if found is None:
            raise NotFound("there is no such conversation")
        begun = await self._lines.begun(found)
        site = await self._sites.get(begun.site)
        site = site if site and site.workspace == actor.workspace else None
        return Transcript(begun, site, await self._visitor(begun), self._lines.of(begun, self._names(actor), site=site))

    async def _exported(self, actor: Actor, request: Request) -> AsyncIterator[Row]:
        names = self._names(actor)
        conversations = self._conversations.opened_between(
            actor.workspace, site=request.site, start=request.start, end=request.end
        )
        async with owned(conversations):
            async for conversation in conversations:
                lines = self._lines.of(await self._lines.begun(conversation), names)
                async with owned(lines):
                    async for line in lines:
                        yield line

    async def _site(self, actor: Actor, site: SiteId) -> Site:
        found = await self._sites.get(site)
        if found is None or found.workspace != actor.workspace:
            raise NotFound("there is no such site")
        return found

    async def _visitor(self, conversation: Conversation) -> VisitorView:
        return await self._details.view(conversation, await self._visitors.get(conversation.visitor))

    def _names(self, actor: Actor) -> Names:
        return Names(actor.workspace, self._accounts, self._visitors, self._fields)


def _check_may_read(actor: Actor) -> None:
    if actor.role is Role.VISITOR:
        raise Forbidden("transcripts are for agents of the workspace")
