"""What visitors may send to do harm, and what altered records may do: nobody else notices."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import msgspec
import pytest
import regex

from chat.conversations.details import shown
from chat.ids import ConversationId, Seq
from chat.inspection import verdict
from chat.protocol.codec import JSON, MSGPACK, SERVER_FRAME_BYTES
from chat.protocol.frames import Claim, Introduce, Kind, Message, Page, Queue, Role, State
from chat.protocol.values import TEXT_CHARACTERS, ConversationView, MessageView, VisitorView
from gateway.socket import feed as feed_module
from gateway.socket import lobby
from gateway.socket import server as server_module
from tests.gateway.ear import Ear
from tests.gateway.house import House
from tests.gateway.waiting import until

WIDE = "\U00020000"
"""A letter of four bytes."""
LONGEST = Page(WIDE * 1000, WIDE * 200, WIDE * 600, WIDE * 64, WIDE * 64, "")


def a_view(opened_at: int, size: int = 100) -> ConversationView:
    who = VisitorView(uuid4(), "x" * size, *[""] * 9)
    return ConversationView(uuid4(), "shop", State.WAITING, 1, None, opened_at, None, None, 1, who, None)


# --- the queue fits its frame ----------------------------------------------------------------------------------------


def test_a_queue_of_the_longest_conversations_fits_a_server_s_frame() -> None:
    line = shown(WIDE * 5_000, 300)
    said = MessageView(1, uuid4(), Kind.TEXT, Role.VISITOR, uuid4(), 1, WIDE * 256)
    who = VisitorView(uuid4(), *[line] * 10)
    views = [ConversationView(uuid4(), line, State.WAITING, 1, None, at, None, None, 1, who, said) for at in range(530)]
    queue = Queue(0, lobby._from_both_ends(views, lobby.OPEN_BYTES), lobby._first_of(views[:30], lobby.ENDED_BYTES), [])
    for codec in (MSGPACK, JSON):
        assert len(codec.encode(queue)) < SERVER_FRAME_BYTES


def test_where_not_all_fit_those_that_wait_longest_and_those_that_came_last_are_shown() -> None:
    views = [a_view(at) for at in range(101)]
    room = 20 * len(msgspec.json.encode(views[0]))
    kept = [view.opened_at for view in lobby._from_both_ends(views, room)]
    assert kept == sorted(kept)
    assert {0, 1, 2, 98, 99, 100} <= set(kept)
    assert not {40, 50, 60} & set(kept)


def test_all_are_shown_where_they_fit() -> None:
    for count in range(5):
        views = [a_view(at) for at in range(count)]
        assert lobby._from_both_ends(views, 10**6) == views


def test_what_a_visitor_calls_things_is_one_short_line_of_visible_characters() -> None:
    assert shown("Wanda\u202e nosnhoJ\n\x00\x07 Nutt") == "Wanda nosnhoJ Nutt"
    assert shown("王小明 \u200bالزهراء") == "王小明 الزهراء"
    assert len(shown("x" * 5_000)) == 120


@pytest.mark.stores
async def test_the_longest_names_of_pages_reach_the_console_cut(house: House) -> None:
    gateway = await house.gateway()
    async with Ear(await house.agent(gateway)) as agent, Ear(house.visitor(gateway, page=LONGEST)) as visitor:
        await visitor.client.post(visitor.client.conversation, WIDE * 300)
        view = await agent.lists(visitor.client.conversation, state=State.WAITING)
        assert len(MSGPACK.encode(Queue(0, [view], [], []))) < 8 * 1024


# --- nothing before the first message --------------------------------------------------------------------------------


@pytest.mark.stores
async def test_who_introduces_themselves_and_writes_nothing_leaves_nothing(house: House) -> None:
    gateway = await house.gateway()
    async with Ear(house.visitor(gateway)) as visitor:
        await visitor.client.ask(Introduce(0, "Ghost", "ghost@visitor.example"))
        who = visitor.client.welcome.visitor  # type: ignore[union-attr]
        assert await house.stores.visitors.get(who) is None  # type: ignore[arg-type]
        await visitor.client.post(visitor.client.conversation, "Now I do write.")
        async with Ear(await house.agent(gateway)) as agent:
            await agent.lists(visitor.client.conversation, visitor__name="Ghost")
        assert await house.stores.visitors.get(who) is not None  # type: ignore[arg-type]


# --- texts that are slow to look at ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "piece", ["1-", "a-", "-", "a.", ".c", "http", "www", "\u0f80\u0f71\u0f74\u0f72", "@a", "\u0301"]
)
def test_no_text_is_slow_to_look_at(piece: str) -> None:
    """A pattern that repeats itself takes minutes on the worst of these; a second is for slow machines."""
    text = ("abcdefghijklmnopqrstuvwxy" + piece * TEXT_CHARACTERS)[:TEXT_CHARACTERS]
    for pattern in (verdict._LINK, verdict._SHOWS_NOTHING):
        try:
            pattern.search(text, timeout=1.0)
        except TimeoutError:
            pytest.fail(f"{pattern} is slow on {piece!r}")
    assert isinstance(verdict._LINK, regex.Pattern)


# --- altered records -------------------------------------------------------------------------------------------------


@pytest.mark.stores
async def test_a_number_far_above_all_others_is_not_filled_up_with_voids(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_module, "GAP_PATIENCE_S", (0.01,))
    gateway = await house.gateway()
    async with Ear(house.visitor(gateway)) as visitor, Ear(await house.agent(gateway)) as agent:
        here = visitor.client.conversation
        await visitor.client.post(here, "hello")
        await agent.client.ask(Claim(0, here))
        entry = gateway.gateway.feeds._entries[ConversationId(here)]
        record = entry.feed.record
        assert record is not None
        whole = await house.stores.messages.after(record.id, Seq(0), limit=9)
        far = msgspec.structs.replace(whole[0], seq=Seq(2**40), client_id=uuid4())
        await house.stores.messages.append(far)
        entry.feed.lost()
        await until(lambda: not entry.feed.is_lost)
        assert len(await house.stores.messages.after(record.id, Seq(0), limit=50)) == 3, "and no void"
        assert [each.message.seq for each in visitor.all(Message)] == [1, 2]

        await until(lambda: not entry.feed._lock.locked())  # it is not looked for again and again
        await visitor.client.post(here, "and on")
        await until(lambda: [each.message.seq for each in visitor.all(Message)] == [1, 2, 3])


@pytest.mark.stores
async def test_a_gateway_stops_though_work_hangs(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "CLOSE_S", 0.05)
    gateway = await house.gateway()
    ended = asyncio.Event()

    async def hang() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    gateway.gateway.spawn(hang)
    await asyncio.sleep(0)
    async with asyncio.timeout(10):
        await gateway.drain()
    assert ended.is_set()
