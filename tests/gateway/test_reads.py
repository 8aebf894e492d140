"""Reads of the record are shared by all who want the same at the same moment."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from chat.errors import Unavailable
from chat.ids import ClientId, ConversationId, Seq, WorkspaceId
from chat.model import Sealed
from gateway.socket.reads import SharedReads
from tests.gateway.house import House

pytestmark = pytest.mark.stores

STORED = 20


async def record(house: House) -> ConversationId:
    """A conversation of twenty messages."""
    conversation = ConversationId(uuid4())
    workspace = WorkspaceId(house.workspace.id)
    sealed = [
        Sealed(workspace, conversation, Seq(seq), 0, ClientId(uuid4()), 1, b"x" * 40) for seq in range(1, STORED + 1)
    ]
    await asyncio.gather(*[house.stores.messages.append(each) for each in sealed])
    return conversation


class Counted:
    """The record, which counts its reads and fails when told to."""

    def __init__(self, house: House) -> None:
        self._messages = house.stores.messages
        self.reads = 0
        self.away = False

    async def after(self, conversation: ConversationId, seq: Seq, *, limit: int) -> list[Sealed]:
        self.reads += 1
        if self.away:
            raise Unavailable("not now")
        return await self._messages.after(conversation, seq, limit=limit)

    async def before(self, conversation: ConversationId, seq: Seq, *, limit: int) -> list[Sealed]:
        self.reads += 1
        return await self._messages.before(conversation, seq, limit=limit)


def numbers(page: list[Sealed]) -> list[int]:
    return [one.seq for one in page]


async def test_a_crowd_that_wants_the_same_conversation_costs_one_read(house: House) -> None:
    here, counted = await record(house), Counted(house)
    reads = SharedReads(counted)  # type: ignore[arg-type]
    wanted = [Seq(seq) for seq in (3, 3, 7, 12, 20)]
    pages = await asyncio.gather(*[reads.after(here, seq, limit=300) for seq in wanted])
    assert [numbers(page) for page in pages] == [list(range(seq + 1, STORED + 1)) for seq in wanted]
    assert counted.reads == 1
    await asyncio.gather(*[reads.before(here, Seq(9), limit=4) for _ in range(5)])
    assert counted.reads == 2


async def test_later_reads_are_reads_of_their_own_and_so_are_other_conversations(house: House) -> None:
    here, there, counted = await record(house), await record(house), Counted(house)
    reads = SharedReads(counted)  # type: ignore[arg-type]
    await asyncio.gather(reads.after(here, Seq(0), limit=300), reads.after(there, Seq(0), limit=300))
    assert counted.reads == 2
    assert numbers(await reads.after(here, Seq(5), limit=300)) == list(range(6, STORED + 1))
    assert counted.reads == 3


async def test_who_wants_more_than_the_read_under_way_brings_reads_alone(house: House) -> None:
    here, counted = await record(house), Counted(house)
    reads = SharedReads(counted)  # type: ignore[arg-type]
    low, high, more = await asyncio.gather(
        reads.after(here, Seq(0), limit=5), reads.after(here, Seq(10), limit=5), reads.after(here, Seq(0), limit=8)
    )
    assert numbers(low) == [1, 2, 3, 4, 5]
    assert numbers(high) == [11, 12, 13, 14, 15]
    assert numbers(more) == [1, 2, 3, 4, 5, 6, 7, 8]


async def test_a_failed_read_fails_for_all_who_wait_and_is_not_remembered(house: House) -> None:
    here, counted = await record(house), Counted(house)
    reads = SharedReads(counted)  # type: ignore[arg-type]
    counted.away = True
    outcomes = await asyncio.gather(*[reads.after(here, Seq(0), limit=300) for _ in range(3)], return_exceptions=True)
    assert [type(each) for each in outcomes] == [Unavailable] * 3
    counted.away = False
    assert len(await reads.after(here, Seq(0), limit=300)) == STORED


async def test_one_who_gives_up_takes_the_read_from_nobody(house: House) -> None:
    here, counted = await record(house), Counted(house)
    reads = SharedReads(counted)  # type: ignore[arg-type]
    gives_up = asyncio.create_task(reads.after(here, Seq(0), limit=300))
    stays = asyncio.create_task(reads.after(here, Seq(0), limit=300))
    await asyncio.sleep(0)
    gives_up.cancel()
    assert len(await stays) == STORED
    assert counted.reads == 1
