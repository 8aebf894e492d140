"""A record that somebody damaged in the database: agents and visitors are shown the rest, and told of it in its place.

A gateway reads what it does not know yet from the record, so each test damages first and lets a fresh gateway look.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from pymongo import MongoClient

from chat.conversations.details import UNREADABLE
from chat.conversations.views import DAMAGED
from chat.protocol.frames import Claim, ConversationView, End, Kind, MessageView, Queue, Snapshot, State, Watch
from gateway.client import NotCarriedOut
from tests.gateway.ear import Ear
from tests.gateway.house import House
from tests.gateway.waiting import until

pytestmark = pytest.mark.stores


def damage(house: House, collection: str, where: dict[str, Any], change: dict[str, dict[str, Any]]) -> None:
    with MongoClient[dict[str, Any]](house.settings.mongodb_address, uuidRepresentation="standard") as client:
        assert client.get_default_database()[collection].update_one(where, change).modified_count == 1


async def said(house: House, *texts: str) -> UUID:
    """A visitor said these on a gateway that is gone since."""
    gateway = await house.gateway()
    async with house.visitor(gateway) as visitor:
        for text in texts:
            await visitor.post(visitor.conversation, text)
        conversation = visitor.conversation
    await gateway.drain()
    return conversation


async def queue(house: House) -> dict[UUID, ConversationView]:
    """What an agent finds on arrival."""
    async with Ear(await house.agent(await house.gateway(), name="Cleo")) as agent:
        shown = await agent.hears(Queue)
    return {view.conversation: view for view in (*shown.conversations, *shown.ended)}


def page(view: ConversationView) -> str:
    assert view.visitor is not None
    return view.visitor.page_title


async def watched(house: House, conversation: UUID) -> list[MessageView]:
    """What an agent is shown of a conversation."""
    async with Ear(await house.agent(await house.gateway(), name="Bea")) as agent:
        answer = await agent.client.ask(Watch(0, conversation, 0))
    assert isinstance(answer, Snapshot)
    return answer.messages


@pytest.mark.parametrize(
    "change",
    [
        {"$unset": {"details": 1}},
        {"$set": {"state": 77}},
        {"$set": {"state": "waiting"}},
        {"$set": {"opened_at": "today"}},
        {"$set": {"revision": "x"}},
        {"$set": {"agent": 5}},
        {"$unset": {"site": 1}},
    ],
    ids=str,
)
async def test_a_damaged_conversation_is_in_the_queue_says_so_and_hides_no_other(
    house: House, change: dict[str, dict[str, Any]]
) -> None:
    hurt, whole = await said(house, "hurt"), await said(house, "whole")
    damage(house, "conversations", {"_id": hurt}, change)
    views = await queue(house)
    assert set(views) == {hurt, whole}
    assert page(views[hurt]).startswith(DAMAGED)
    assert page(views[whole]) == "Cart"
    assert [message.body for message in await watched(house, hurt)] == ["hurt"]


async def test_a_damaged_conversation_can_be_claimed_and_ended(house: House) -> None:
    hurt = await said(house, "hurt")
    damage(house, "conversations", {"_id": hurt}, {"$set": {"revision": "x", "details": 7, "state": 77}})
    async with Ear(await house.agent(await house.gateway())) as agent:
        await agent.client.ask(Claim(0, hurt))
        await agent.client.post(hurt, "Here I am")
        await agent.client.ask(End(0, hurt))
        await until(lambda: len(agent.messages(hurt)) == 4)
        kinds = [message.kind for message in agent.messages(hurt)]
    assert kinds == [Kind.TEXT, Kind.JOINED, Kind.TEXT, Kind.ENDED]
    assert (await queue(house))[hurt].state is State.ENDED


async def test_a_visitor_goes_on_in_a_conversation_whose_record_is_damaged(house: House) -> None:
    gateway = await house.gateway()
    async with house.visitor(gateway) as visitor:
        await visitor.post(visitor.conversation, "one")
        token, conversation = visitor.token, visitor.conversation
    await gateway.drain()
    damage(house, "conversations", {"_id": conversation}, {"$set": {"state": 77, "details": "x", "opened_at": "x"}})
    async with house.visitor(await house.gateway(), token=token) as again:
        assert again.conversation == conversation
        assert (await again.post(conversation, "two")).seq == 2


async def test_whose_conversation_it_is_nobody_guesses(house: House) -> None:
    lost, whole = await said(house, "lost"), await said(house, "whole")
    damage(house, "conversations", {"_id": lost}, {"$set": {"visitor": "x"}})
    assert set(await queue(house)) == {whole}
    async with Ear(await house.agent(await house.gateway(), name="Bea")) as agent:
        with pytest.raises(NotCarriedOut):
            await agent.client.ask(Watch(0, lost, 0))


async def test_details_with_a_flipped_bit_are_told_of(house: House) -> None:
    hurt = await said(house, "hurt")
    record = await house.stores.conversations.get(hurt)  # type: ignore[arg-type]
    assert record is not None
    flipped = record.details[:-1] + bytes([record.details[-1] ^ 1])
    damage(house, "conversations", {"_id": hurt}, {"$set": {"details": flipped}})
    assert page((await queue(house))[hurt]) == UNREADABLE


@pytest.mark.parametrize(("which", "number"), [(3, 0), (3, "3"), (3, 10**17), (2, -3), (1, None)])
async def test_a_message_renumbered_to_no_number_is_told_of_at_the_beginning(
    house: House, which: int, number: object
) -> None:
    texts = ["one", "two", "three"]
    conversation = await said(house, *texts)
    damage(house, "messages", {"_id.c": conversation, "s": which}, {"$set": {"s": number}})
    async with Ear(await house.agent(await house.gateway())) as agent:
        answer = await agent.client.ask(Watch(0, conversation, 0))
        assert isinstance(answer, Snapshot)
        assert [(each.seq, each.kind, each.body) for each in answer.messages[:1]] == [(0, Kind.UNREADABLE, "")]
        await agent.hears_texts(conversation, *(text for text in texts if text != texts[which - 1]))


async def test_the_queue_tells_of_a_last_message_that_was_renumbered_to_a_text(house: House) -> None:
    conversation = await said(house, "one", "two")
    damage(house, "messages", {"_id.c": conversation, "s": 2}, {"$set": {"s": "two"}})
    view = (await queue(house))[conversation]
    assert view.preview is not None
    assert (view.top, view.preview.kind) == (1, Kind.UNREADABLE)


async def test_a_site_whose_greeting_is_damaged_greets_nobody_and_works(house: House) -> None:
    damage(house, "sites", {"_id": house.site.id}, {"$unset": {"greeting": 1}})
    async with house.visitor(await house.gateway()) as visitor:
        assert (await visitor.post(visitor.conversation, "one")).seq == 1
