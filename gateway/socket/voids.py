"""Numbers that nobody stored are closed: a void is stored under each, and whoever comes late with one gets another."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import structlog

from chat.clock import new_id
from chat.errors import SeqTaken
from chat.ids import ClientId, Seq
from chat.model import Actor, Admitted, Conversation, Draft, Kind, Numbered, Sealed, Stored
from chat.protocol.values import TAKEN_OUT
from gateway.socket.gaps import is_late
from gateway.socket.parts import Parts

log = structlog.get_logger()

GAP = 1_000
"""No crash leaves more numbers unused than this: beyond it the record was tampered with, and is shown as far as it is
whole."""
TOLD = 128
"""So many numbers below a message can be missing through a crash; of a gap that is larger, one remark tells enough."""
_TOGETHER = 128
"""Voids that are stored at once: half of what one commit takes, so that messages find room in it."""


class Voids:
    """Closes gaps in conversations' records."""

    __slots__ = ("_parts",)

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def close(self, record: Conversation, ahead: Mapping[Seq, Sealed], *, above: Seq, known: Seq) -> bool:
        """Close each gap between ``above``, which is shown, and ``known``; ``ahead`` is what is stored there.

        Where a message comes first, its void is refused. False where the first gap is so large that the record was
        tampered with: nothing is stored. Raises Unavailable: some may be closed.
        """
        last = above
        for seq in sorted(seq for seq in ahead if seq <= known):
            if seq - last > GAP:
                where = str(record.id)
                log.error("a number far above all others is not followed", conversation=where, seq=seq)
                return last > above
            await self._close_gap(record, above=last, below=ahead[seq])
            last = seq
        return True

    async def _close_gap(self, record: Conversation, *, above: Seq, below: Sealed) -> None:
        late = is_late(below, now_ms=self._parts.clock.now_ms())
        first = above + 1
        told = below.seq if below.seq - first <= TOLD else first + 1
        voids = [(Seq(seq), TAKEN_OUT if late and seq < told else "") for seq in range(first, below.seq)]
        for start in range(0, len(voids), _TOGETHER):
            await asyncio.gather(*[self._store(record, seq, text) for seq, text in voids[start : start + _TOGETHER]])

    async def _store(self, record: Conversation, seq: Seq, text: str) -> None:
        system = Actor.system(record.workspace)
        client_id = ClientId(new_id(self._parts.clock))
        draft = Draft(system, record.id, client_id, Kind.VOID, text, self._parts.clock.now_ms())
        sealed = await self._parts.sealer.seal(record, Numbered(Admitted(draft), seq))
        try:
            await self._parts.messages.append(sealed)
        except SeqTaken:
            return
        await self._parts.delivery.publish(record, Stored(sealed))
        log.info("closed a gap", conversation=str(record.id), seq=seq, taken_out=bool(text))
