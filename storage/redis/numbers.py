"""Places of messages in their conversations, given by one script."""

from __future__ import annotations

import functools
from collections.abc import Sequence

from chat.ids import ConversationId, Seq
from chat.model import Admitted, Kind, Numbered, Role
from chat.ports import Forgotten, HasEnded, Limited, Rate
from storage.redis.keys import key
from storage.redis.prepared import Prepared, prepared
from storage.redis.scripts import lua, script
from storage.redis.turn import Turn

NUMBER = script(lua("clock"), lua("gcra"), lua("number"))
RESUME = script(lua("resume"))

# A conversation that nobody used for a week starts from its record.
_FORGOTTEN_MS = 7 * 24 * 3_600_000
_ROLES = {role: bytes([role]) for role in Role}
# A sender has at most eight unacknowledged messages; this is many senders' worth, in 25 KB.
_REMEMBERED = 512
# Conversations that a gateway follows are asked for each second, those in which somebody writes have messages numbered:
# what is asked is kept for so many, 6 MB at most.
_FOLLOWED, _WRITTEN = 16_384, 4_096


@functools.lru_cache(_WRITTEN)
def _keys(conversation: ConversationId) -> tuple[str, str]:
    """The keys that numbering touches."""
    return key("numbers", conversation), key("known", conversation)


@functools.lru_cache(_FOLLOWED)
def _top(conversation: ConversationId) -> Prepared:
    """The question for the highest number given."""
    return prepared("HGET", key("numbers", conversation), "n")


class RedisNumbers:
    """``Numbers`` in two hashes for each conversation, on one Cluster slot. Keys and values hold ids, never text."""

    def __init__(self, turn: Turn) -> None:
        self._turn = turn

    async def number(
        self, message: Admitted, *, author: Rate, conversation: Rate, floor: Seq, again: bool = False
    ) -> Numbered | Limited | HasEnded | Forgotten:
        """See ``Numbers``. ``again`` costs no budget where the old number is still known: the message has paid.

        After Unavailable it may have been numbered; the same client id gets the same number.
        """
        draft = message.draft
        # The author's own budget is one in each conversation: a script may only touch one conversation's slot.
        writer = _ROLES[draft.author.role] + (draft.author.id.bytes if draft.author.id else b"")
        outcome, value = await self._turn.run(
            NUMBER,
            _keys(draft.conversation),
            draft.client_id.bytes,
            floor,
            int(again),
            int(draft.kind is Kind.ENDED),
            writer,
            author.period_ms,
            author.burst,
            conversation.period_ms,
            conversation.burst,
            _FORGOTTEN_MS,
            _REMEMBERED,
        )
        if outcome == 0:
            return Numbered(message, Seq(value))
        if outcome == 1:
            return Limited(value)
        return HasEnded() if outcome == 2 else Forgotten()

    async def tops(self, conversations: Sequence[ConversationId]) -> list[Seq | None]:
        """See ``Numbers``. An HGET for each, a thousand to a pipeline: on Cluster they lie on different slots."""
        highest = await self._turn.ask_prepared([_top(each) for each in conversations])
        return [None if each is None else Seq(int(each)) for each in highest]

    async def resume(self, conversation: ConversationId, *, highest: Seq, ended: bool) -> None:
        """See ``Numbers``. One script, one trip; it also starts the week anew after which Redis forgets."""
        await self._turn.run(RESUME, [key("numbers", conversation)], highest, int(ended), _FORGOTTEN_MS)
