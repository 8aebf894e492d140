"""How conversations begin, are claimed and end. Every change of state is one compare-and-set, and a numbered message
that tells everybody: who misses the news finds it in the record.
"""

from __future__ import annotations

from typing import assert_never
from uuid import UUID

from msgspec import structs

from chat.clock import Clock
from chat.delivery.pipeline import Delivery
from chat.errors import Forbidden, NotFound, Unavailable
from chat.ids import AccountId, ClientId, ConversationId, Epoch, SiteId, VisitorId, next_conversation, uuid8
from chat.model import AccountRole, Actor, Admitted, Conversation, Draft, Kind, Refusal, Role, State, Stored
from chat.ports import Bus, Conversations
from chat.protocol.catalogue import ENDED, TAKEN
from chat.protocol.facts import Changed, conversation_topic, encode_fact, workspace_topic

ATTEMPTS = 5
"""Each lost compare-and-set means that somebody else changed the conversation; five in a row do not happen."""


class ConversationService:
    """The rules of conversations over their ports."""

    def __init__(self, conversations: Conversations, delivery: Delivery, bus: Bus, clock: Clock) -> None:
        self._conversations = conversations
        self._delivery = delivery
        self._bus = bus
        self._clock = clock

    async def readable(self, actor: Actor, conversation: ConversationId) -> Conversation:
        """The conversation, if the actor may read it. Raises NotFound: for another workspace's or visitor's too."""
        found = await self._conversations.get(conversation)
        if found is None or not may_read(actor, found):
            raise NotFound("there is no such conversation here")
        return found

    async def current(self, actor: Actor) -> tuple[ConversationId, Conversation | None]:
        """The visitor's open conversation; or the id that the next one will have (``next_conversation``), and None.

        Raises Forbidden for the system, which has no conversations.
        """
        visitor = VisitorId(_id_of(actor))
        last = await self._conversations.last_of(actor.workspace, visitor)
        # «Last» is by the clocks of gateways, which differ; the chain of ids does not lie.
        while last is None or last.state is State.ENDED:
            following = next_conversation(visitor, last.id if last else None)
            found = await self._conversations.get(following) if last else None
            if found is None:
                return following, None
            last = found
        return last.id, last

    async def begin(
        self, actor: Actor, conversation: ConversationId, details: bytes, *, at: int | None = None
    ) -> Conversation:
        """The visitor's conversation with this id, created now unless a retry or another tab was first.

        ``details`` comes from ``Details.seal``. ``at`` is when its first message was received (Unix ms; now, unless
        given): no message is older than its conversation. Raises NotFound when the id belongs to somebody else.
        """
        began = Conversation(
            id=conversation,
            workspace=actor.workspace,
            site=actor.site or SiteId(""),
            visitor=VisitorId(_id_of(actor)),
            state=State.WAITING,
            revision=1,
            agent=None,
            opened_at=self._clock.now_ms() if at is None else at,
            claimed_at=None,
            ended_at=None,
            epoch=Epoch(0),
            details=details,
        )
        kept = await self._conversations.create(began)
        if not may_read(actor, kept):
            raise NotFound("there is no such conversation here")
        return kept

    async def announce(self, conversation: Conversation) -> None:
        """Publish a conversation's new revision, to the workspace's queue and to its own followers."""
        fact = encode_fact(Changed(conversation))
        await self._bus.publish(workspace_topic(conversation.workspace), fact)
        await self._bus.publish(conversation_topic(conversation.id), fact)

    async def claim(self, actor: Actor, conversation: ConversationId, name: str) -> Conversation | Refusal:
        """Take a waiting conversation. Of two agents at once exactly one gets it; a retry by that one succeeds again.

        ``name`` is what the visitor is told: it becomes the text of the ``joined`` message. A refusal is ENDED, TAKEN,
        or why that message was not stored: then it is claimed all the same, and a retry or ``retell`` tells it.
        Raises Forbidden unless the actor is an agent, NotFound, Unavailable.
        """
        if actor.role is not Role.AGENT:
            raise Forbidden("only agents claim conversations")
        for _ in range(ATTEMPTS):
            found = await self.readable(actor, conversation)
            if found.state is State.ENDED:
                return ENDED
            if found.state is State.ACTIVE:
                if found.agent != actor.id:
                    return TAKEN
                return await self._told(found, actor, Kind.JOINED, name, found.claimed_at)
            at = self._clock.now_ms()
            agent = AccountId(_id_of(actor))
            claimed = structs.replace(
                found, state=State.ACTIVE, agent=agent, claimed_at=at, revision=found.revision + 1
            )
            if await self._conversations.save(claimed, expecting=found.revision):
                return await self._told(claimed, actor, Kind.JOINED, name, at)
        raise Unavailable("this conversation changes too fast")

    async def end(self, actor: Actor, conversation: ConversationId) -> Conversation | Refusal:
        """End it for both sides. Whoever may write in it may end it, and the system may; twice is once.

        A refusal is why the ``ended`` message was not stored: then it has ended all the same, and a retry or ``retell``
        tells it. Raises Forbidden, NotFound, Unavailable.
        """
        for _ in range(ATTEMPTS):
            found = await self.readable(actor, conversation)
            if not may_end(actor, found):
                raise Forbidden("only the visitor and the agent who claimed it end a conversation")
            if found.state is State.ENDED:
                return await self._told(found, actor, Kind.ENDED, "", found.ended_at)
            at = self._clock.now_ms()
            ended = structs.replace(found, state=State.ENDED, ended_at=at, revision=found.revision + 1)
            if await self._conversations.save(ended, expecting=found.revision):
                return await self._told(ended, actor, Kind.ENDED, "", at)
        raise Unavailable("this conversation changes too fast")

    async def retell(self, conversation: Conversation, name: str) -> None:
        """Tell what should have been told: whoever claimed or ended a conversation may have crashed before the message.

        ``name`` is the agent's. Raises Unavailable.
        """
        kind = {State.ACTIVE: Kind.JOINED, State.ENDED: Kind.ENDED}.get(conversation.state)
        if kind is None or await self._delivery.is_stored(conversation, fact_id(conversation.id, kind)):
            return
        actor, text, at = Actor.system(conversation.workspace), "", conversation.ended_at
        if kind is Kind.JOINED and conversation.agent:
            actor = Actor.agent(conversation.workspace, conversation.agent, AccountRole.AGENT)
            text, at = name, conversation.claimed_at
        await self._told(conversation, actor, kind, text, at)

    async def _told(
        self, conversation: Conversation, actor: Actor, kind: Kind, text: str, at: int | None
    ) -> Conversation | Refusal:
        """Number the change as a message. Its client id follows from the change, so telling it twice is once."""
        draft = Draft(actor, conversation.id, fact_id(conversation.id, kind), kind, text, at or conversation.opened_at)
        await self.announce(conversation)
        outcome = await self._delivery.deliver(conversation, Admitted(draft), floor=None)
        match outcome:
            case Stored():
                return conversation
            case Refusal():
                return outcome
            case _:
                assert_never(outcome)


def fact_id(conversation: ConversationId, kind: Kind) -> ClientId:
    """The client id of a conversation's one ``joined`` or ``ended`` message."""
    return ClientId(uuid8(b"aican/fact/v1" + conversation.bytes + bytes([kind])))


def may_read(actor: Actor, conversation: Conversation) -> bool:
    """Visitors read their own; who works in the workspace reads the workspace's."""
    if actor.workspace != conversation.workspace:
        return False
    return actor.role is not Role.VISITOR or actor.id == conversation.visitor


def may_post(actor: Actor, conversation: Conversation) -> bool:
    """The visitor whose it is, and the agent who claimed it."""
    if not may_read(actor, conversation):
        return False
    return actor.role is Role.VISITOR or (actor.role is Role.AGENT and actor.id == conversation.agent)


def may_end(actor: Actor, conversation: Conversation) -> bool:
    """Who may post, and the workspace's system."""
    if not may_read(actor, conversation):
        return False
    return actor.role is Role.SYSTEM or may_post(actor, conversation)


def _id_of(actor: Actor) -> UUID:
    if actor.id is None:
        raise Forbidden("the system takes no part in conversations")
    return actor.id
