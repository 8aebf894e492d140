"""Messages that were taken out of the record, or put under another number: readers are told, on every way to read."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from motor.motor_asyncio import AsyncIOMotorClient

from chat.ids import ConversationId, Seq
from chat.model import Kind, MessageView, Role
from chat.protocol.frames import Claim, History, Snapshot, Watch
from gateway.socket import feeds, server
from gateway.socket.gaps import LATE_MS, MOST, with_missing
from tests.clock import ManualClock
from tests.gateway.ear import Ear
from tests.gateway.house import House
from tests.gateway.waiting import until

HERE = ConversationId(UUID(int=1))


def view(seq: int) -> MessageView:
    return MessageView(Seq(seq), uuid4(), Kind.TEXT, Role.VISITOR, None, 5, str(seq))


def shape(views: list[MessageView]) -> str:
    return " ".join(f"{one.seq}{'?' if one.kind is Kind.UNREADABLE else ''}" for one in views)


@pytest.mark.parametrize(
    ("seqs", "above", "below", "shown"),
    [
        ([1, 2, 3], 0, 4, "1 2 3"),
        ([2, 4], 0, 6, "1? 2 3? 4 5?"),
        ([7, 9], None, 10, "7 8? 9"),
        ([0, 2], 0, 3, "0 1? 2"),
        ([], 0, 3, ""),
    ],
)
def test_each_missing_number_has_a_place_of_its_own(seqs: list[int], above: int | None, below: int, shown: str) -> None:
    assert shape(with_missing(HERE, [view(seq) for seq in seqs], above=above, below=below)) == shown


def test_of_very_many_only_a_hundred_are_told_and_every_one_has_an_id_of_its_own() -> None:
    told = with_missing(HERE, [view(1), view(5_000)], above=0, below=9_000)
    assert len(told) == 2 + MOST
    assert len({one.client_id for one in told}) == len(told)


@pytest.mark.stores
async def test_a_message_under_another_number_is_told_of_in_both_places_on_every_way_to_read(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "CHECK_S", 0.05)
    monkeypatch.setattr(feeds, "GRACE_S", 0.0)
    clock = ManualClock()
    gateway = await house.gateway(change=lambda parts: replace(parts, clock=clock))
    async with Ear(house.visitor(gateway)) as visitor, Ear(await house.agent(gateway)) as agent:
        here = visitor.client.conversation
        for number in range(1, 6):
            clock.advance(2)
            await visitor.client.post(here, f"words {number}")
        client: AsyncIOMotorClient[dict[str, object]] = AsyncIOMotorClient(
            house.settings.mongodb_address, uuidRepresentation="standard"
        )
        messages = client.get_default_database()["messages"]
        moved = await messages.update_one({"_id.c": here, "s": 2}, {"$set": {"s": 6}})
        assert moved.modified_count == 1
        client.close()

        # in a conversation that is followed; whether of number 6, too, depends on what comes first: this or a check
        snapshot = await agent.client.ask(Watch(0, here, 0))
        assert isinstance(snapshot, Snapshot)
        assert shape(snapshot.messages) in ("1 2? 3 4 5", "1 2? 3 4 5 6?")
        await until(lambda: shape(visitor.messages(here)[-1:]) == "6?")
        older = await agent.client.ask(History(0, here, 4))
        assert isinstance(older, Snapshot)
        assert shape(older.messages) == "1 2? 3"
        token = visitor.client.token
    # in one that is opened anew, later than any crash leaves a number open
    await until(lambda: not gateway.gateway.feeds._entries)
    clock.advance(LATE_MS / 1000 + 1)
    async with Ear(house.visitor(gateway, token=token)) as again, Ear(await house.agent(gateway, "Bob")) as bob:
        await until(lambda: len(again.messages(here)) == 6)
        assert shape(again.messages(here)) == "1 2? 3 4 5 6?"
        await bob.client.ask(Claim(0, here))
        await again.client.post(here, "and on it goes")
        await until(lambda: again.texts(here)[-1:] == ["and on it goes"])
