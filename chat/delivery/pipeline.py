"""The pipeline: number → seal → store → publish. Its types are the order; a skipped step does not type-check."""

from __future__ import annotations

import asyncio

import structlog

from chat.budgets.rates import CONVERSATION, MESSAGES
from chat.errors import SeqTaken, Tampered, Unavailable
from chat.ids import ClientId, ConversationId, Seq
from chat.model import Admitted, Conversation, Kind, Numbered, Refusal, Role, State, Stored
from chat.ports import Bus, Conversations, Forgotten, HasEnded, Limited, Messages, Numbers, Rate
from chat.protocol.catalogue import ENDED, LIMITED, UNAVAILABLE, UNKNOWN
from chat.protocol.facts import MessageStored, conversation_topic, encode_fact, workspace_topic
from chat.sealing.messages import MessageSealer

log = structlog.get_logger()

RENUMBERINGS = 5
"""A number is taken only when the numbering store lost its memory or a reader closed a gap; twice at once is rare."""
_BEGUN = Seq(1)
"""The floor of who knows only that the conversation has begun. Where nothing is stored yet, the record says so."""
_UNLIMITED = Rate(period_ms=0, burst=1)


class Delivery:
    """Delivers admitted drafts. When it returns Stored, the message is journaled and on its way to everybody."""

    def __init__(
        self, numbers: Numbers, sealer: MessageSealer, messages: Messages, conversations: Conversations, bus: Bus
    ) -> None:
        self._numbers = numbers
        self._sealer = sealer
        self._messages = messages
        self._conversations = conversations
        self._bus = bus

    async def deliver(self, conversation: Conversation, admitted: Admitted, *, floor: Seq | None) -> Stored | Refusal:
        """``floor`` is the highest number known to be stored: 0 where nothing is, None where none is known. A retry of
        the same client id returns the first Stored. ``conversation`` may be behind: the numbering knows of an end, or
        that it may have forgotten one, and then the record is read.

        A refusal is LIMITED with ``retry_after_ms``, ENDED, UNKNOWN when the person's key was destroyed, or
        UNAVAILABLE: then it may be stored or not, and the sender retries with the same client id. Nothing is kept of
        the others. Unavailable is never raised.
        """
        try:
            stored = await self._store(conversation, admitted, floor)
            if isinstance(stored, Stored):
                await self.publish(conversation, stored)
            return stored
        except Unavailable:
            return UNAVAILABLE
        except Tampered:  # the person's key was destroyed: nothing is written in their conversations any more
            log.warning("a message could not be sealed", conversation=str(conversation.id))
            return UNKNOWN

    async def is_stored(self, conversation: Conversation, client_id: ClientId) -> bool:
        """Whether the record has a message with this client id. Raises Unavailable."""
        return await self._messages.find(conversation.id, client_id) is not None

    async def publish(self, conversation: Conversation, stored: Stored) -> None:
        """Send the sealed message on its way: to who follows the conversation, and to the queue while it waits.

        Twice does no harm: followers go by number. Raises Unavailable.
        """
        fact = encode_fact(MessageStored(stored.sealed))
        await self._bus.publish(conversation_topic(conversation.id), fact)
        if conversation.state is State.WAITING:
            await self._bus.publish(workspace_topic(conversation.workspace), fact)

    async def reseed(self, conversation: ConversationId) -> tuple[Seq, bool]:
        """Tell the numbering, which forgot, where the record stands: the highest number, and whether it has ended.

        Both are read now, after the loss was seen: an end that the numbering forgot was in the record before it had a
        number. The state goes along always, or a conversation would go on after its end. Raises Unavailable.
        """
        record, highest = await asyncio.gather(
            self._conversations.get(conversation), self._messages.highest(conversation)
        )
        has_ended = record is not None and record.state is State.ENDED
        await self._numbers.resume(conversation, highest=highest, ended=has_ended)
        return highest, has_ended

    async def _store(self, conversation: Conversation, admitted: Admitted, floor: Seq | None) -> Stored | Refusal:
        is_end = admitted.draft.kind is Kind.ENDED
        if conversation.state is State.ENDED and not is_end:
            # The numbering store says so too, unless it lost its memory.
            return await self._stored_before_the_end(conversation, admitted)
        if is_end:
            floor = Seq(0)  # numbered at once, whatever is remembered: from then on nothing else is
        again = False
        for _ in range(RENUMBERINGS):
            numbered = await self._number(admitted, _BEGUN if floor is None else floor, again=again)
            if isinstance(numbered, Numbered):
                if not is_end or await self._is_above_all(numbered):
                    try:
                        return await self._messages.append(await self._sealer.seal(conversation, numbered))
                    except SeqTaken:
                        pass  # by a message that the numbering store does not know of, or by a void
                again = True
            elif isinstance(numbered, HasEnded):
                found = await self._stored_before_the_end(conversation, admitted)
                if found is not ENDED or not is_end:
                    return found
                again = True
            elif isinstance(numbered, Refusal):
                return numbered
            floor, has_ended = await self.reseed(conversation.id)
            if has_ended and not is_end:
                return await self._stored_before_the_end(conversation, admitted)
        raise Unavailable("the numbering store and the record disagree")

    async def _is_above_all(self, end: Numbered) -> bool:
        """Whether an end has the last number. A numbering store that forgot may give it one that a crash left open."""
        return end.seq >= await self._messages.highest(end.admitted.draft.conversation)

    async def _number(
        self, admitted: Admitted, floor: Seq, *, again: bool
    ) -> Numbered | Refusal | HasEnded | Forgotten:
        draft = admitted.draft
        is_text = draft.kind is Kind.TEXT and draft.author.role is not Role.SYSTEM
        numbered = await self._numbers.number(
            admitted,
            # What was admitted once is not counted again when its number was taken.
            author=MESSAGES[draft.author.role] if is_text and not again else _UNLIMITED,
            conversation=CONVERSATION if is_text and not again else _UNLIMITED,
            floor=floor,
            again=again,
        )
        if isinstance(numbered, Limited):
            return _limited(numbered)
        return numbered

    async def _stored_before_the_end(self, conversation: Conversation, admitted: Admitted) -> Stored | Refusal:
        """No number is given after the end; but a retry of something stored before is answered as what it is."""
        found = await self._messages.find(conversation.id, admitted.draft.client_id)
        return Stored(found, first=False) if found else ENDED


def _limited(limited: Limited) -> Refusal:
    return Refusal(LIMITED.code, LIMITED.name, LIMITED.text, LIMITED.then, limited.retry_after_ms)
