"""The queue of one workspace, as its agents on this gateway see it: open conversations, and those that ended last."""

from __future__ import annotations

import asyncio

from msgspec import structs

from chat.conversations.views import Views
from chat.ids import ConversationId, WorkspaceId
from chat.model import Conversation, Kind, State
from chat.ports import Conversations
from chat.protocol.facts import AnyFact, Changed, Introduced, MessageStored
from chat.protocol.frames import ConversationChanged, ConversationView, Person, Queue
from gateway.socket.feed import Follower
from gateway.socket.outgoing import Outgoing

OPEN_SHOWN = 500
"""Open conversations in the list at most; more waiting than this is no queue that people read."""
ENDED_SHOWN = 30


class Lobby:
    """One workspace's queue. Facts keep it up to date; ``refresh`` finds what they did not tell."""

    def __init__(self, workspace: WorkspaceId, conversations: Conversations, views: Views) -> None:
        self.workspace = workspace
        self.agents: set[Follower] = set()
        self._conversations = conversations
        self._views = views
        self._records: dict[ConversationId, Conversation] = {}
        self._shown: dict[ConversationId, ConversationView] = {}
        self._lock = asyncio.Lock()
        self.idle_checks = 0
        """Checks in a row that found no agent."""

    def queue(self, people: list[Person]) -> Queue:
        """What an agent is shown on arrival."""
        shown = sorted(self._shown.values(), key=lambda view: view.opened_at)
        ended = [view for view in shown if view.state is State.ENDED]
        ended.sort(key=lambda view: view.ended_at or 0, reverse=True)
        return Queue(0, [view for view in shown if view.state is not State.ENDED], ended[:ENDED_SHOWN], people)

    async def refresh(self) -> bool:
        """Read the record; True when it differed from what was shown. Raises Unavailable."""
        async with self._lock:
            return await self._refresh()

    async def _refresh(self) -> bool:
        open_ones = await self._conversations.open_ones(self.workspace, limit=OPEN_SHOWN)
        ended = await self._conversations.ended_ones(self.workspace, limit=ENDED_SHOWN)
        records = {record.id: record for record in (*open_ones, *ended)}
        if {id_: record.revision for id_, record in records.items()} == {
            id_: record.revision for id_, record in self._records.items()
        }:
            return False
        views = await self._views.for_agents(list(records.values()))
        self._records = records
        self._shown = {ConversationId(view.conversation): view for view in views}
        return True

    async def happened(self, fact: AnyFact) -> None:
        """Take a fact of this workspace's topic. Raises Unavailable: then ``refresh`` is due."""
        async with self._lock:
            match fact:
                case Changed():
                    await self._changed(fact.conversation)
                case MessageStored():
                    await self._previewed(fact)
                case Introduced():
                    record = self._records.get(fact.conversation)
                    if record is not None:
                        await self._read(record)
                case _:
                    pass

    async def _changed(self, record: Conversation) -> None:
        held = self._records.get(record.id)
        if held is None or record.revision >= held.revision:
            self._records[record.id] = record
            await self._read(record)
            self._trim()

    async def _previewed(self, fact: MessageStored) -> None:
        record = self._records.get(fact.sealed.conversation)
        view = self._shown.get(fact.sealed.conversation)
        if record is None or view is None or fact.sealed.seq <= view.top:
            return
        message = await self._views.message(record, fact.sealed)
        if message.kind is not Kind.VOID:
            self._show(structs.replace(view, top=message.seq, preview=message))

    async def _read(self, record: Conversation) -> None:
        for view in await self._views.for_agents([record]):
            self._show(view)

    def _show(self, view: ConversationView) -> None:
        self._shown[ConversationId(view.conversation)] = view
        outgoing = Outgoing(ConversationChanged(0, view))
        for agent in list(self.agents):
            agent.offer(outgoing)

    def _trim(self) -> None:
        """Keep as many ended ones as are shown."""
        ended = [record for record in self._records.values() if record.state is State.ENDED]
        ended.sort(key=lambda record: record.ended_at or 0)
        for record in ended[:-ENDED_SHOWN]:
            self._records.pop(record.id, None)
            self._shown.pop(record.id, None)
