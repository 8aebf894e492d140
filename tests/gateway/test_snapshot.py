"""What is shown of a conversation at once: whole up to the live messages, in pages, and never too large."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest

from chat.ids import ConversationId, Seq
from chat.model import Sealed
from chat.protocol.codec import JSON, MSGPACK, SERVER_FRAME_BYTES
from chat.protocol.facts import MessageStored, conversation_topic, encode_fact
from chat.protocol.frames import Claim, History, Queue, Snapshot, Watch
from gateway.socket import server
from tests.gateway.ear import Ear
from tests.gateway.house import House
from tests.gateway.waiting import until

pytestmark = pytest.mark.stores


async def fill(house: House, conversation: UUID, count: int, *, text: str = "No. {}") -> None:
    """So many texts of the visitor at the end of the conversation, straight into the record."""
    found = await house.conversation(conversation)
    top = await house.stores.messages.highest(found.id)
    sealed = [await house.sealed(found, seq, text.format(seq), at=1) for seq in range(top + 1, top + 1 + count)]
    await asyncio.gather(*[house.stores.messages.append(each) for each in sealed])
    await house.stores.numbers.resume(found.id, highest=Seq(top + count), ended=False)


async def without_six(house: House, visitor: Ear) -> Sealed:
    """The visitor says five texts; 7 is stored, and 6, which is numbered too, is given to the test."""
    here = visitor.client.conversation
    for number in range(1, 6):
        await visitor.client.post(here, str(number))
    found = await house.conversation(here)
    six, seven = [await house.sealed(found, seq, str(seq), at=1) for seq in (6, 7)]
    await house.stores.messages.append(seven)
    return six


async def test_history_comes_in_pages_down_to_the_first_message(house: House) -> None:
    gateway = await house.gateway()
    async with Ear(house.visitor(gateway)) as visitor:
        here = visitor.client.conversation
        await visitor.client.post(here, "No. 1")
        await fill(house, here, 249)
        pages, before = [], 251
        while True:
            page = await visitor.client.ask(History(0, here, before))
            assert isinstance(page, Snapshot)
            assert not page.recovered
            pages.append([message.seq for message in page.messages])
            if not page.more:
                break
            before = page.messages[0].seq
    assert pages == [list(range(151, 251)), list(range(51, 151)), list(range(1, 51))]


async def test_up_to_300_missed_messages_are_recovered_and_more_are_replaced_by_the_latest(house: House) -> None:
    first, second = await house.gateway(), await house.gateway()
    async with Ear(house.visitor(first)) as visitor, Ear(await house.agent(second)) as agent:
        here = visitor.client.conversation
        await visitor.client.post(here, "No. 1")
        await fill(house, here, 300)
        recovered = await agent.client.ask(Watch(0, here, 1))
        assert isinstance(recovered, Snapshot)
        assert (recovered.recovered, recovered.more) == (True, False)
        assert [message.seq for message in recovered.messages] == list(range(2, 302))

    await fill(house, here, 1)
    async with Ear(await house.agent(await house.gateway(), "Bob")) as agent:
        replaced = await agent.client.ask(Watch(0, here, 1))
        assert isinstance(replaced, Snapshot)
        assert (replaced.recovered, replaced.more) == (False, True)
        assert [message.seq for message in replaced.messages] == list(range(203, 303))


async def test_a_position_above_everything_stored_is_answered_with_the_latest(house: House) -> None:
    gateway = await house.gateway()
    async with Ear(house.visitor(gateway)) as visitor, Ear(await house.agent(gateway)) as agent:
        here = visitor.client.conversation
        await visitor.client.post(here, "the only one")
        answer = await agent.client.ask(Watch(0, here, 2**53 - 1))
        assert isinstance(answer, Snapshot)
        assert (answer.recovered, [message.body for message in answer.messages]) == (False, ["the only one"])


# --- the largest ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("subprotocol", [MSGPACK.subprotocol, JSON.subprotocol])
async def test_a_conversation_of_the_longest_texts_still_opens(house: House, subprotocol: str) -> None:
    first, second = await house.gateway(), await house.gateway()
    async with Ear(house.visitor(first)) as visitor:
        here = visitor.client.conversation
        await visitor.client.post(here, "short")
        await fill(house, here, 60, text="𐍈" * 7_990 + "{}")  # four bytes each: 1.9 MB in all
        reader = Ear(await house.agent(second, subprotocol=subprotocol))
        async with reader:
            snapshot = await reader.client.ask(Watch(0, here, 0))
            assert isinstance(snapshot, Snapshot)
            assert snapshot.more
            assert [message.seq for message in snapshot.messages][-1] == 61
            page = await reader.client.ask(History(0, here, snapshot.messages[0].seq))
            assert isinstance(page, Snapshot)
            assert page.messages[-1].seq == snapshot.messages[0].seq - 1
            half = await reader.client.ask(Watch(0, here, 40))
            assert isinstance(half, Snapshot)
            assert not half.recovered
            await visitor.client.post(here, "and goes on")
            await until(lambda: "and goes on" in reader.texts(here))
            assert reader.client.connects == 1


@pytest.mark.parametrize("subprotocol", [MSGPACK.subprotocol, JSON.subprotocol])
async def test_a_queue_of_the_longest_first_messages_still_opens(house: House, subprotocol: str) -> None:
    gateway = await house.gateway()
    for number in range(40):
        async with Ear(house.visitor(gateway)) as visitor:
            await visitor.client.post(visitor.client.conversation, chr(0x10300 + number) * 8_000)
    async with Ear(await house.agent(gateway, subprotocol=subprotocol)) as agent:
        queue = await agent.hears(Queue)
        assert len(queue.conversations) == 40
        assert len(MSGPACK.encode(queue)) < SERVER_FRAME_BYTES / 4


# --- no hole before what comes live ---------------------------------------------------------------------------------


async def test_a_snapshot_and_the_live_messages_around_it_leave_no_hole(house: House) -> None:
    first, second = await house.gateway(), await house.gateway()
    async with Ear(house.visitor(first)) as visitor, Ear(await house.agent(second)) as agent:
        here = visitor.client.conversation
        await visitor.client.post(here, "0")
        await agent.client.ask(Claim(0, here))

        async def talk() -> None:
            for number in range(1, 40):
                await agent.client.post(here, str(number))

        async def come_and_go() -> None:
            for _ in range(12):
                async with Ear(house.visitor(first, token=visitor.client.token)) as tab:
                    await tab.hears(Snapshot)
                    last = agent.client.positions[here]
                    await until(lambda tab=tab, last=last: tab.client.positions.get(here, 0) >= last)  # type: ignore[misc]
                    seqs = [message.seq for message in tab.messages(here)]
                    assert seqs == list(range(1, len(seqs) + 1))

        async with asyncio.TaskGroup() as both:
            both.create_task(talk())
            both.create_task(come_and_go())
        await visitor.hears_texts(here, *[str(number) for number in range(40)])


async def test_a_reader_between_two_stored_numbers_still_gets_the_one_on_its_way(house: House) -> None:
    """6 is numbered but not stored yet while 7 is: who joins now is shown 6 before 7."""
    first, second = await house.gateway(), await house.gateway()
    async with Ear(house.visitor(first)) as visitor:
        here = visitor.client.conversation
        six = await without_six(house, visitor)
        await house.stores.numbers.resume(six.conversation, highest=Seq(7), ended=False)
        async with Ear(await house.agent(second)) as agent:
            snapshot = await agent.client.ask(Watch(0, here, 2))
            assert isinstance(snapshot, Snapshot)
            assert [message.seq for message in snapshot.messages] == [3, 4, 5]
            await agent.client.ask(Watch(0, here, 0))
            assert agent.client.positions[here] == 5
            await house.stores.messages.append(six)
            await until(lambda: agent.texts(here)[-2:] == ["6", "7"])
            assert agent.client.positions[here] == 7
        await visitor.hears_texts(here, "1", "2", "3", "4", "5", "6", "7")


async def test_a_read_that_began_before_a_number_was_stored_leaves_no_hole(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """7 was stored before 6. Who asks in between is answered from a page without 6, after both have been shown."""
    monkeypatch.setattr(server, "CHECK_S", 3_600)
    first, second = await house.gateway(), await house.gateway()
    async with Ear(house.visitor(first)) as visitor, Ear(await house.agent(second)) as agent:
        here = visitor.client.conversation
        six = await without_six(house, visitor)
        await agent.client.ask(Watch(0, here, 5))

        read, has_read, goes_on = second.stores.messages.after, asyncio.Event(), asyncio.Event()

        async def slowly(conversation: ConversationId, seq: Seq, *, limit: int) -> list[Sealed]:
            page = await read(conversation, seq, limit=limit)
            has_read.set()
            await goes_on.wait()
            return page

        monkeypatch.setattr(second.stores.messages, "after", slowly)
        asked = asyncio.create_task(agent.client.ask(Watch(0, here, 2)))
        await has_read.wait()
        monkeypatch.setattr(second.stores.messages, "after", read)
        await house.stores.messages.append(six)
        await house.stores.bus.publish(conversation_topic(here), encode_fact(MessageStored(six)))
        await until(lambda: second.gateway.feeds._entries[six.conversation].feed.top == 7)
        goes_on.set()
        snapshot = await asked
        assert isinstance(snapshot, Snapshot)
        assert [message.seq for message in snapshot.messages] == [3, 4, 5, 6, 7]
