"""An agent's connection: the queue, colleagues, and as many conversations as are open on the screen."""

from __future__ import annotations

import hashlib
import secrets
from functools import partial
from uuid import UUID

from msgspec import structs

from chat.budgets.gcra import Budget, FairBudget
from chat.budgets.rates import AGENT_FRAMES, ANNOUNCEMENTS, WATCHES
from chat.conversations.service import may_post
from chat.errors import NotFound, Unavailable
from chat.ids import ConversationId, Seq
from chat.inspection.verdict import refused_text
from chat.model import Actor, Admitted, Conversation, ReadMarks, Refusal, SignIn, State
from chat.protocol.catalogue import (
    ENDED,
    FOREIGN_ORIGIN,
    NOT_ALLOWED,
    NOT_YOURS,
    SIGNED_OUT,
    TAKEN,
    Closure,
)
from chat.protocol.facts import Came, Marked, conversation_topic, encode_fact, presence_topic
from chat.protocol.frames import (
    Availability,
    Beat,
    Claim,
    ClientFrame,
    ConversationView,
    Done,
    HelloAgent,
    Mark,
    Person,
    Post,
    Unwatch,
    Watch,
    WelcomeAgent,
)
from chat.protocol.session import HEARTBEAT_MS
from gateway.socket.connection import Connection
from gateway.socket.lobby import Lobby
from gateway.socket.party import Party
from gateway.socket.shared import Shared

FOLLOWED = 64
"""Conversations that one connection follows at once: more than anybody can talk in."""
RECHECK_BEATS = 4
"""Every fourth heartbeat asks whether the sign-in still lives, and keeps it from ending as idle: a console that waits
for visitors is in use. Ending one is also told at once over the bus."""


async def welcome_agent(shared: Shared, connection: Connection, hello: HelloAgent) -> Closure | None:
    """Let an agent in, by a ticket that is good once."""
    origin = connection.visit.origin
    if origin is not None and origin not in shared.parts.own_origins:
        return FOREIGN_ORIGIN
    sign_in = await shared.parts.tickets.take(hashlib.sha256(hello.ticket.encode()).digest())
    if sign_in is None:
        return SIGNED_OUT
    me = await shared.parts.people.person(sign_in.account, available=hello.available)
    workspace = await shared.parts.workspaces.get(sign_in.workspace)
    if me is None or workspace is None:
        return SIGNED_OUT
    actor = Actor.agent(sign_in.workspace, sign_in.account, sign_in.role)
    connection.party = agent = Agent(shared, connection, actor, sign_in, me)
    # Asked once this connection hears of sign-ins that end: none ends unnoticed between the two.
    if not await shared.parts.sign_ins.is_live(sign_in.account, sign_in.id):
        return SIGNED_OUT
    connection.allow(AGENT_FRAMES)
    await agent.arrive(hello, workspace.name)
    return None


class Agent(Party):
    """An agent who was let in."""

    def __init__(self, shared: Shared, connection: Connection, actor: Actor, sign_in: SignIn, me: Person) -> None:
        assert isinstance(actor.id, UUID)
        super().__init__(shared, connection, actor, actor.id)
        self.sign_in = sign_in
        self._me = me
        self._available = me.available
        self._beats = 0
        self._connection_name = secrets.token_hex(8)
        self._announcements = Budget(ANNOUNCEMENTS)
        self._watches = FairBudget(WATCHES)
        self._lobby: Lobby | None = None

    async def arrive(self, hello: HelloAgent, workspace: str) -> None:
        """Answer the greeting, show the queue, then what is open on this screen."""
        await self._touch(tell=True)
        lobby = await self.shared.workplaces.lobby(self.actor.workspace)
        attendance = await self.shared.workplaces.attendance(self.actor.workspace)
        await attendance.refresh()
        people = await attendance.online()
        self.connection.send(WelcomeAgent(hello.ref, self._me, workspace, HEARTBEAT_MS, self.parts.clock.now_ms()))
        self.connection.answer(lobby.queue(people))
        lobby.agents.add(self)
        self._lobby = lobby
        attendance.agents.add(self)
        for conversation, position in hello.positions[:FOLLOWED]:
            try:
                await self._watch(0, ConversationId(conversation), position)
            except NotFound:
                continue  # gone since: the queue does not show it either

    async def view(self, record: Conversation, top: Seq) -> ConversationView:
        """The conversation as agents see it, with its visitor and its latest text."""
        (view,) = await self.parts.views.for_agents([record])
        return structs.replace(view, top=int(top))

    def left(self) -> None:
        """The connection is gone. Colleagues see it in a moment: who comes back at once never seemed away."""
        super().left()
        self.shared.workplaces.agent_left(self.actor.workspace, self, self._leave)

    def beat(self, frame: Beat) -> None:
        """Answer it at once; then stay online, and every so many beats see that the sign-in still lives."""
        super().beat(frame)
        self._beats += 1
        self.shared.spawn(partial(self._still_here, recheck=self._beats % RECHECK_BEATS == 0))

    async def handle_own(self, frame: ClientFrame) -> None:
        """What only agents send: watch, unwatch, claim, availability. Visitors' frames are refused: NOT_ALLOWED."""
        match frame:
            case Watch():
                if not self.spends_too_fast(self._watches, frame.ref):
                    await self._watch(frame.ref, ConversationId(frame.conversation), frame.position)
            case Unwatch():
                self._unwatch(frame)
            case Claim():
                await self._claim(frame)
            case Availability():
                await self._be_available(frame)
            case _:
                self.refuse(frame.ref, NOT_ALLOWED)

    # --- conversations --------------------------------------------------------------------------------------------

    async def _watch(self, ref: int, conversation: ConversationId, position: int) -> None:
        if not self._has_room_for(conversation):
            return self.refuse(ref, NOT_ALLOWED)
        record = await self.parts.service.readable(self.actor, conversation)
        feed = await self.shared.feeds.join(conversation)
        await self.follow(ref, feed, position, record=record)
        return None

    def _has_room_for(self, conversation: ConversationId) -> bool:
        return conversation in self.feeds or len(self.feeds) < FOLLOWED

    def _unwatch(self, frame: Unwatch) -> None:
        conversation = ConversationId(frame.conversation)
        self._marked.pop(conversation, None)
        feed = self.feeds.pop(conversation, None)
        if feed is not None:
            self.shared.feeds.unfollow(feed, self)
        self.connection.send(Done(frame.ref))

    async def _claim(self, frame: Claim) -> None:
        conversation = ConversationId(frame.conversation)
        if not self._has_room_for(conversation):
            return self.refuse(frame.ref, NOT_ALLOWED)
        outcome = await self.parts.service.claim(self.actor, conversation, self._me.name)
        if isinstance(outcome, Refusal):
            detail = await self._holder(conversation) if outcome is TAKEN else ""
            return self.refuse(frame.ref, outcome, detail=detail)
        if conversation not in self.feeds:
            await self._watch(0, conversation, 0)
        # Last: whoever is told that it is done follows it, and where that failed the same claim succeeds again.
        self.connection.send(Done(frame.ref))
        return None

    async def _holder(self, conversation: ConversationId) -> str:
        record = await self.parts.service.readable(self.actor, conversation)
        person = await self.parts.people.person(record.agent) if record.agent else None
        return person.name if person else ""

    async def post(self, frame: Post) -> None:
        """Say something in a conversation that this agent claimed; refused NOT_YOURS elsewhere, ENDED where it is over.

        Raises NotFound for a conversation that is not the workspace's, Unavailable.
        """
        if self.over_budget(frame):
            return None
        conversation = ConversationId(frame.conversation)
        record = await self.parts.service.readable(self.actor, conversation)
        if not may_post(self.actor, record):
            return self.refuse(frame.ref, ENDED if record.state is State.ENDED else NOT_YOURS)
        if (refusal := refused_text(frame.text)) is not None:
            return self.refuse(frame.ref, refusal)
        feed = await self.shared.feeds.join(conversation)
        await self.send_draft(frame, feed, record, Admitted(self.draft(frame)))
        return None

    async def mark(self, frame: Mark) -> None:
        """As everybody's; and of what waits, that it arrived at a console. That somebody looked at it is told only once
        it is theirs."""
        conversation = ConversationId(frame.conversation)
        if self._is_mine(conversation):
            return await super().mark(frame)
        received = self._lobby.newly_received(conversation, frame.received) if self._lobby else None
        if self._lobby is None or received is None:
            return None
        await self.parts.marks.raise_to(conversation, ReadMarks(self.actor.role, received, Seq(0)))
        self._lobby.was_received(conversation, received)
        fact = Marked(conversation, self.actor.role, received, 0)
        await self.parts.bus.publish(conversation_topic(conversation), encode_fact(fact))
        return None

    def _is_mine(self, conversation: ConversationId) -> bool:
        feed = self.feeds.get(conversation)
        return feed is not None and feed.record is not None and may_post(self.actor, feed.record)

    # --- presence -------------------------------------------------------------------------------------------------

    async def _be_available(self, frame: Availability) -> None:
        if self.spends_too_fast(self._announcements, frame.ref):
            return
        self._available = frame.available
        await self._touch(tell=True)
        self.connection.send(Done(frame.ref))

    async def _still_here(self, *, recheck: bool) -> None:
        try:
            await self._touch(tell=False)
            now = self.parts.clock.now_ms()
            if recheck and await self.parts.sign_ins.keep(self.sign_in.id, now=now) is None:
                self.connection.close(SIGNED_OUT)
        except Unavailable:
            return  # the next beat asks again

    async def _touch(self, *, tell: bool) -> None:
        await self.parts.presence.touch(
            self.actor.workspace, self.sign_in.account, self._connection_name, available=self._available
        )
        if tell:
            await self._tell()

    async def _leave(self) -> None:
        await self.parts.presence.leave(self.actor.workspace, self.sign_in.account, self._connection_name)
        await self._tell()

    async def _tell(self) -> None:
        fact = encode_fact(Came(self.actor.workspace, self.sign_in.account))
        await self.parts.bus.publish(presence_topic(self.actor.workspace), fact)
