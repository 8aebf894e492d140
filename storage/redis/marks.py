"""How far each side of a conversation has received and read."""

from __future__ import annotations

from chat.ids import ConversationId, Seq
from chat.model import ReadMarks, Role
from storage.redis.keys import key
from storage.redis.scripts import lua, script
from storage.redis.turn import Turn

MARK = script(lua("mark"))

_FORGOTTEN_MS = 7 * 24 * 3_600_000


class RedisMarkBoard:
    """``MarkBoard`` in one hash for each conversation."""

    def __init__(self, turn: Turn) -> None:
        self._turn = turn

    async def raise_to(self, conversation: ConversationId, marks: ReadMarks) -> None:
        """See ``MarkBoard``. One script, one trip."""
        place = [key("marks", conversation)]
        await self._turn.run(MARK, place, marks.role.value, marks.received, marks.read, _FORGOTTEN_MS)

    async def of(self, conversation: ConversationId) -> list[ReadMarks]:
        """See ``MarkBoard``. One HGETALL of a few fields."""
        pairs: list[bytes] = await self._turn.ask("HGETALL", key("marks", conversation))
        fields = dict(zip(pairs[::2], pairs[1::2], strict=True))
        return [
            ReadMarks(role, received=_mark(fields, role, "received"), read=_mark(fields, role, "read"))
            for role in Role
            if f"{role.value}:received".encode() in fields
        ]


def _mark(fields: dict[bytes, bytes], role: Role, name: str) -> Seq:
    return Seq(int(fields.get(f"{role.value}:{name}".encode(), 0)))
