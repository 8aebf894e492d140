"""The pipeline: number → seal → store → publish. Its types are the order; a skipped step does not type-check."""

from __future__ import annotations

import structlog

from chat.budgets.rates import CONVERSATION, MESSAGES
from chat.errors import SeqTaken, Tampered, Unavailable
from chat.ids import ClientId, Seq
from chat.model import Admitted, Conversation, Kind, Numbered, Refusal, Role, State, Stored
from chat.ports import Bus, HasEnded, Limited, Messages, Numbers, Rate
from chat.protocol.catalogue import ENDED, LIMITED, UNAVAILABLE, UNKNOWN
from chat.protocol.facts import MessageStored, conversation_topic, encode_fact, workspace_topic
from chat.sealing.messages import MessageSealer

log = structlog.get_logger()

RENUMBERINGS = 5
"""A number is taken only when the numbering store lost its memory or a reader closed a gap; twice at once is rare."""
_UNLIMITED = Rate(period_ms=0, burst=1)


class Delivery:
    """Delivers admitted drafts. When it returns Stored, the message is journaled and on its way to everybody."""

    def __init__(self, numbers: Numbers, sealer: MessageSealer, messages: Messages, bus: Bus) -> None:
        self._numbers = numbers
        self._sealer = sealer
        self._messages = messages
        self._bus = bus

    async def deliver(self, conversation: Conversation, admitted: Admitted, *, floor: Seq) -> Stored | Refusal:
        """``floor`` is the highest number known to be stored, 0 for none. A retry of the same client id returns the
        first Stored.

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

    async def _store(self, conversation: Conversation, admitted: Admitted, floor: Seq) -> Stored | Refusal:
        if conversation.state is State.ENDED and admitted.draft.kind is not Kind.ENDED:
            # The numbering store says so too, unless it lost its memory.
            return await self._stored_before_the_end(conversation, admitted)
        again = False
        for _ in range(RENUMBERINGS):
            numbered = await self._number(admitted, floor, again=again)
            if isinstance(numbered, HasEnded):
                return await self._stored_before_the_end(conversation, admitted)
            if isinstance(numbered, Refusal):
                return numbered
            try:
                return await self._messages.append(await self._sealer.seal(conversation, numbered))
            except SeqTaken:
                floor = await self._messages.highest(conversation.id)
                again = True
        raise Unavailable("the numbering store and the record disagree")

    async def _number(self, admitted: Admitted, floor: Seq, *, again: bool) -> Numbered | Refusal | HasEnded:
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
