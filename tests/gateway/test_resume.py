"""Coming back: after a lost connection, in a second tab, after the end, to a long conversation."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID, uuid4

import pytest

from chat.clock import new_id
from chat.ids import ClientId, ConversationId, Seq
from chat.model import Actor, Admitted, Draft, Numbered, Sealed
from chat.protocol.catalogue import ENDED, UNKNOWN
from chat.protocol.codec import JSON, MSGPACK, SERVER_FRAME_BYTES
from chat.protocol.facts import MessageStored, conversation_topic, encode_fact
from chat.protocol.frames import (
    Claim,
    End,
    History,
    Kind,
    Message,
    Queue,
    Role,
    Snapshot,
    State,
    Watch,
    Welcome,
)
from gateway.client import NotCarriedOut
from gateway.client.client import Client
from gateway.socket import server
from tests.gateway.ear import Ear
from tests.gateway.house import House
from tests.gateway.waiting import until

pytestmark = pytest.mark.stores


async def fill(house: House, conversation: UUID, count: int, *, text: str = "No. {}") -> None:
    """So many texts of the visitor at the end of the conversation, straight into the record."""
    found = await house.stores.conversations.get(ConversationId(conversation))
    assert found is not None
    author = Actor.visitor(found.workspace, found.site, found.visitor)
    top = await house.stores.messages.highest(found.id)
    sealed = []
    for seq in range(top + 1, top + 1 + count):
        draft = Draft(author, found.id, ClientId(uuid4()), Kind.TEXT, text.format(seq), 1)
        sealed.append(await house.stores.sealer.seal(found, Numbered(Admitted(draft), Seq(seq))))
    await asyncio.gather(*[house.stores.messages.append(each) for each in sealed])
    await house.stores.numbers.resume(found.id, highest=Seq(top + count), ended=False)


async def drop(client: Client) -> None:
    """The connection is lost, and comes back."""
    before = client.connects
    await client._line.drop()
    await until(lambda: client.connects > before)


async def test_after_a_lost_connection_only_what_was_missed_comes_and_nothing_twice(house: House) -> None:
    first, second = await house.gateway(), await house.gateway()
    async with Ear(house.visitor(first)) as visitor, Ear(await house.agent(second)) as agent:
        here = visitor.client.conversation
        await visitor.client.post(here, "one")
        await agent.client.ask(Claim(0, here))
        await agent.hears_texts(here, "one")
        await drop(agent.client)
        assert (await agent.hears(Snapshot, recovered=True)).messages == []

        assert agent.client._line._socket is not None
        agent.client._line._socket.transport.abort()
        await visitor.client.post(here, "two")
        await visitor.client.post(here, "three")
        await agent.hears_texts(here, "one", "two", "three")
        await drop(visitor.client)
        await visitor.client.post(here, "four")
        await visitor.hears_texts(here, "one", "two", "three", "four")
        assert [message.seq for message in visitor.messages(here)] == [1, 2, 3, 4, 5]


async def test_whoever_comes_back_at_the_top_costs_no_look_at_the_record(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway = await house.gateway()
    async with Ear(house.visitor(gateway)) as visitor, Ear(await house.agent(gateway)) as agent:
        here = visitor.client.conversation
        await visitor.client.post(here, "one")
        await agent.client.ask(Claim(0, here))
        await visitor.hears(Message, message__kind=Kind.JOINED)
        reads: list[str] = []
        for port in (gateway.stores.conversations, gateway.stores.messages):
            for name in ("get", "last_of", "after", "before", "latest", "highest", "find"):
                if hasattr(port, name):
                    monkeypatch.setattr(port, name, noted(getattr(port, name), reads))
        await drop(visitor.client)
        assert (await visitor.hears(Snapshot, recovered=True)).messages == []
        assert reads == []
        await agent.client.post(here, "still here?")
        await visitor.hears_texts(here, "one", "still here?")


def noted(read: Callable[..., Awaitable[object]], reads: list[str]) -> Callable[..., Awaitable[object]]:
    async def noting(*arguments: object, **more: object) -> object:
        reads.append(read.__name__)
        return await read(*arguments, **more)

    return noting


async def test_a_second_tab_with_the_same_token_shows_the_same_conversation_live(house: House) -> None:
    first, second = await house.gateway(), await house.gateway()
    async with Ear(house.visitor(first)) as tab:
        here = tab.client.conversation
        await tab.client.post(here, "from the first tab")
        async with Ear(house.visitor(second, token=tab.client.token)) as other:
            assert other.client.conversation == here
            assert isinstance(other.client.welcome, Welcome)
            assert other.client.welcome.state is State.WAITING
            await other.client.post(here, "from the second tab")
            for ear in (tab, other):
                await ear.hears_texts(here, "from the first tab", "from the second tab")


async def test_two_tabs_that_came_before_the_conversation_began_share_it(house: House) -> None:
    first, second = await house.gateway(), await house.gateway()
    async with Ear(house.visitor(first)) as tab, Ear(house.visitor(second, token=tab.client.token)) as other:
        here = tab.client.conversation
        assert other.client.conversation == here
        await asyncio.gather(tab.client.post(here, "left"), other.client.post(here, "right"))
        for ear in (tab, other):
            await until(lambda ear=ear: len(ear.texts(here)) == 2)  # type: ignore[misc]
            assert sorted(ear.texts(here)) == ["left", "right"]
        assert tab.messages(here) == other.messages(here)


async def test_a_visitor_who_was_away_when_it_ended_sees_how_it_ended(house: House) -> None:
    gateway = await house.gateway()
    async with Ear(house.visitor(gateway)) as visitor, Ear(await house.agent(gateway)) as agent:
        here = visitor.client.conversation
        await visitor.client.post(here, "Is it sent?")
        await agent.client.ask(Claim(0, here))
        await until(lambda: len(visitor.messages(here)) == 2)
        await visitor.client._line.drop()
        await agent.client.post(here, "It is sent.")
        await agent.client.ask(End(0, here))
        await until(lambda: len(visitor.messages(here)) == 4)
        assert [message.kind for message in visitor.messages(here)][-2:] == [Kind.TEXT, Kind.ENDED]
        await drop(visitor.client)
        assert isinstance(visitor.client.welcome, Welcome)
        assert visitor.client.welcome.state is State.NEW
        assert visitor.client.conversation != here


async def test_what_is_sent_again_after_the_end_is_answered_as_what_became_of_it(house: House) -> None:
    """The connection was lost with posts in the outbox, the conversation ended, and the next welcome is to the next."""
    gateway = await house.gateway()
    kept, late = ClientId(new_id(house.stores.clock)), ClientId(new_id(house.stores.clock))
    async with Ear(house.visitor(gateway)) as visitor:
        here = visitor.client.conversation
        first = await visitor.client.post(here, "Is it sent?", client_id=kept)
        await visitor.client.ask(End(0, here))
    async with Ear(house.visitor(gateway, token=visitor.client.token)) as visitor:
        following = visitor.client.conversation
        assert following != here
        assert (await visitor.client.post(here, "Is it sent?", client_id=kept)).seq == first.seq
        with pytest.raises(NotCarriedOut) as refusal:
            await visitor.client.post(here, "Hello?", client_id=late)
        assert (refusal.value.refused.code, refusal.value.refused.detail) == (ENDED.code, str(following))


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
        for number in range(1, 6):
            await visitor.client.post(here, str(number))
        found = await house.stores.conversations.get(ConversationId(here))
        assert found is not None
        author = Actor.visitor(found.workspace, found.site, found.visitor)
        sealed = []
        for seq in (6, 7):
            draft = Draft(author, found.id, ClientId(uuid4()), Kind.TEXT, str(seq), 1)
            sealed.append(await house.stores.sealer.seal(found, Numbered(Admitted(draft), Seq(seq))))
        await house.stores.messages.append(sealed[1])
        await house.stores.numbers.resume(found.id, highest=Seq(7), ended=False)
        async with Ear(await house.agent(second)) as agent:
            snapshot = await agent.client.ask(Watch(0, here, 2))
            assert isinstance(snapshot, Snapshot)
            assert [message.seq for message in snapshot.messages] == [3, 4, 5]
            await agent.client.ask(Watch(0, here, 0))
            assert agent.client.positions[here] == 5
            await house.stores.messages.append(sealed[0])
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
        for number in range(1, 6):
            await visitor.client.post(here, str(number))
        found = await house.stores.conversations.get(ConversationId(here))
        assert found is not None
        author = Actor.visitor(found.workspace, found.site, found.visitor)
        drafts = [Draft(author, found.id, ClientId(uuid4()), Kind.TEXT, str(seq), 1) for seq in (6, 7)]
        six, seven = [
            await house.stores.sealer.seal(found, Numbered(Admitted(draft), Seq(int(draft.text)))) for draft in drafts
        ]
        await house.stores.messages.append(seven)
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
        await until(lambda: second.gateway.feeds._entries[found.id].feed.top == 7)
        goes_on.set()
        snapshot = await asked
        assert isinstance(snapshot, Snapshot)
        assert [message.seq for message in snapshot.messages] == [3, 4, 5, 6, 7]


async def test_other_peoples_conversations_look_as_if_they_did_not_exist(house: House) -> None:
    gateway = await house.gateway()
    workspace, site = await house.elsewhere()
    async with (
        Ear(house.visitor(gateway)) as visitor,
        Ear(house.visitor(gateway)) as stranger,
        Ear(house.visitor(gateway, site=site.id)) as abroad,
        Ear(await house.agent(gateway)) as agent,
    ):
        here, there = visitor.client.conversation, abroad.client.conversation
        await visitor.client.post(here, "mine")
        await abroad.client.post(there, "elsewhere")
        assert workspace.id != house.workspace.id
        for client, conversation in ((stranger.client, here), (agent.client, there), (agent.client, uuid4())):
            for frame in (End(0, conversation), History(0, conversation, 10)):
                with pytest.raises(NotCarriedOut) as refused:
                    await client.ask(frame)
                assert refused.value.refused.code == UNKNOWN.code
            with pytest.raises(NotCarriedOut) as refused:
                await client.post(conversation, "let me in")
            assert refused.value.refused.code == UNKNOWN.code
        for question in (Watch(0, there, 0), Claim(0, there)):
            with pytest.raises(NotCarriedOut) as refused:
                await agent.client.ask(question)
            assert refused.value.refused.code == UNKNOWN.code
        assert [message.role for message in await house.record(here)] == [Role.VISITOR]
        assert agent.listed(there) is None
        assert stranger.all(Message) == []
