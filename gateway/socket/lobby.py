"""The queue of one workspace, as its agents on this gateway see it: open conversations, and those that ended last."""

from __future__ import annotations

import asyncio
from itertools import zip_longest

import msgspec
from msgspec import structs

from chat.conversations.views import Views, is_said
from chat.ids import ConversationId, Seq, WorkspaceId
from chat.model import Conversation, Kind, State
from chat.ports import Conversations
from chat.protocol.facts import AnyFact, Changed, Introduced, MessageStored
from chat.protocol.frames import ConversationChanged, ConversationView, Person, Queue
from gateway.socket.feed import Follower
from gateway.socket.inbox import Inbox, Spawn
from gateway.socket.outgoing import Outgoing

OPEN_SHOWN = 500
"""Open conversations in the list at most; more waiting than this is no queue that people read."""
ENDED_SHOWN = 30
OPEN_BYTES, ENDED_BYTES = 640 * 1024, 128 * 1024
"""What a queue may hold: a server's frame is at most 1 MiB, and visitors decide how long their pages' names are."""


class Lobby:
    """One workspace's queue. Facts keep it up to date; ``refresh`` finds what they did not tell."""

    def __init__(self, workspace: WorkspaceId, conversations: Conversations, views: Views, spawn: Spawn) -> None:
        self.workspace = workspace
        self.agents: set[Follower] = set()
        self.inbox = Inbox(spawn, self)
        self.is_lost = False
        """Facts may have been missed: the next check reads everything."""
        self._conversations = conversations
        self._views = views
        self._records: dict[ConversationId, Conversation] = {}
        self._shown: dict[ConversationId, ConversationView] = {}
        self._received: dict[ConversationId, Seq] = {}
        """Up to where agents here received what waits. Of the others their agents' own marks tell."""
        self._lock = asyncio.Lock()
        self.idle_checks = 0
        """Checks in a row that found no agent."""

    def queue(self, people: list[Person]) -> Queue:
        """What an agent is shown on arrival."""
        ended = [view for view in self._shown.values() if view.state is State.ENDED]
        ended.sort(key=lambda view: view.ended_at or 0, reverse=True)
        open_ones = [view for view in self._shown.values() if view.state is not State.ENDED]
        return Queue(0, _from_both_ends(open_ones, OPEN_BYTES), _first_of(ended[:ENDED_SHOWN], ENDED_BYTES), people)

    def newly_received(self, conversation: ConversationId, seq: int) -> Seq | None:
        """Up to where an agent who says ``seq`` received what waits, if no agent here said so before; else None."""
        view = self._shown.get(conversation)
        if view is None or view.state is not State.WAITING:
            return None
        received = Seq(min(seq, view.top))
        return received if received > self._received.get(conversation, 0) else None

    def was_received(self, conversation: ConversationId, seq: Seq) -> None:
        """An agent's console has this conversation up to ``seq``, and its visitor was told."""
        self._received[conversation] = max(seq, self._received.get(conversation, seq))

    def lost(self) -> None:
        """Facts may have been missed."""
        self.is_lost = True

    async def refresh(self) -> bool:
        """Read the record; True when it differed from what was shown. Raises Unavailable.

        Revisions tell what changed, but not a new preview or name: after a loss those are compared as well.
        """
        async with self._lock:
            whole, self.is_lost = self.is_lost, False
            try:
                return await self._refresh(whole=whole)
            except BaseException:
                self.is_lost = self.is_lost or whole
                raise

    async def _refresh(self, *, whole: bool) -> bool:
        open_ones = await self._conversations.open_ones(self.workspace, limit=OPEN_SHOWN)
        ended = await self._conversations.ended_ones(self.workspace, limit=ENDED_SHOWN)
        records = {record.id: record for record in (*open_ones, *ended)}
        if not whole and _revisions(records) == _revisions(self._records):
            return False
        views = await self._views.for_agents(list(records.values()))
        before = self._shown
        self._records = records
        self._shown = {ConversationId(view.conversation): view for view in views}
        self._received = {one: seq for one, seq in self._received.items() if one in records}
        return self._shown != before

    def happened_now(self, fact: AnyFact) -> bool:
        """No fact of a queue is taken without a look at a store."""
        return False

    async def happened(self, fact: AnyFact) -> None:
        """Take a fact of this workspace's topic. Raises Unavailable: then the inbox says that it is lost."""
        async with self._lock:
            match fact:
                case Changed():
                    await self._changed(fact.conversation)
                case MessageStored():
                    await self._previewed(fact)
                case Introduced():
                    if fact.conversation in self._records:
                        await self._read(fact.conversation)
                case _:
                    pass

    async def _changed(self, record: Conversation) -> None:
        held = self._records.get(record.id)
        if held is None or record.revision >= held.revision:
            self._records[record.id] = record
            if record.state is not State.WAITING:
                self._received.pop(record.id, None)
            await self._read(record.id)
            self._trim()

    async def _previewed(self, fact: MessageStored) -> None:
        record = self._records.get(fact.sealed.conversation)
        view = self._shown.get(fact.sealed.conversation)
        if record is None or view is None or fact.sealed.seq <= view.top:
            return
        message = await self._views.preview(record, fact.sealed)
        if message.kind is not Kind.VOID:
            preview = message if is_said(message) else view.preview
            self._show(structs.replace(view, top=message.seq, preview=preview))

    async def _read(self, conversation: ConversationId) -> None:
        (view,) = await self._views.for_agents([self._records[conversation]])
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


def _revisions(records: dict[ConversationId, Conversation]) -> dict[ConversationId, int]:
    return {conversation: record.revision for conversation, record in records.items()}


def _first_of(views: list[ConversationView], room: int) -> list[ConversationView]:
    """As many of them as fit ``room`` bytes in the larger form, JSON."""
    fitting = []
    for view in views:
        room -= len(msgspec.json.encode(view))
        if room < 0:
            break
        fitting.append(view)
    return fitting


def _from_both_ends(views: list[ConversationView], room: int) -> list[ConversationView]:
    """In order of opening; where not all fit, those that wait longest and those that came last, in equal parts.

    So a flood hides neither who was there before it nor who comes after it.
    """
    ordered = sorted(views, key=lambda view: view.opened_at)
    middle = (len(ordered) + 1) // 2
    ends = [one for pair in zip_longest(ordered[:middle], reversed(ordered[middle:])) for one in pair if one]
    return sorted(_first_of(ends, room), key=lambda view: view.opened_at)
