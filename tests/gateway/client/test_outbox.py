"""The outbox keeps what was written, in order, and keeps trying; everybody else runs meanwhile."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest

from chat.budgets.rates import MESSAGES
from chat.clock import SystemClock, new_id
from chat.delivery import pipeline
from chat.ports import Rate
from chat.protocol.catalogue import LIMITED, UNAVAILABLE, UNWELCOME
from chat.protocol.frames import Accepted, Claim, ClientFrame, Conduct, Post, Role, ServerFrame
from gateway.client import Closed, NotCarriedOut, TooLong, visitor
from gateway.client.outbox import Outbox
from tests.gateway.client.script import HERE, Script
from tests.gateway.ear import Ear
from tests.gateway.house import House
from tests.gateway.waiting import until
from tests.ports import free_port

ENDLESS = 1_000


async def test_an_answer_that_is_lost_is_asked_for_again_with_the_same_client_id(script: Script, url: str) -> None:
    async def cut_once(frame: ClientFrame) -> None:
        if len(script.posts()) == 1:
            script.connections[-1].transport.abort()
        else:
            await script.accept(frame)

    script.answer = cut_once
    async with visitor(url, "s") as client:
        assert (await client.post(HERE, "Hello")).seq == 1
    first, second = script.posts()
    assert (first.client_id, first.text) == (second.client_id, second.text)
    assert client.connects == 2


async def test_posts_of_one_conversation_keep_their_order_whatever_is_refused(script: Script, url: str) -> None:
    refused: set[UUID] = set()

    async def refuse_each_once(frame: ClientFrame) -> None:
        assert isinstance(frame, Post)
        if frame.client_id in refused:
            await script.accept(frame)
        else:
            refused.add(frame.client_id)
            await script.refuse(frame, LIMITED if len(refused) % 2 else UNAVAILABLE, 5)

    script.answer = refuse_each_once
    async with visitor(url, "s") as client:
        accepted = await asyncio.gather(*[client.post(HERE, str(number)) for number in range(120)])
    assert [each.seq for each in accepted] == list(range(1, 121))
    assert [post.text for post in script.posts()] == [str(number) for number in range(120) for _ in range(2)]


async def test_a_text_above_the_limit_is_refused_before_it_is_sent(script: Script, url: str) -> None:
    async with visitor(url, "s") as client:
        with pytest.raises(TooLong, match="at most 8,000 characters; this one has 8,001"):
            await client.post(HERE, "x" * 8_001)
        assert (await client.post(HERE, "x" * 8_000)).seq == 1
    assert (len(script.posts()), client.connects) == (1, 1)


async def test_a_conversation_that_is_held_up_does_not_hold_up_another(script: Script, url: str) -> None:
    async def refuse_here(frame: ClientFrame) -> None:
        assert isinstance(frame, Post)
        if frame.conversation == HERE:
            await script.refuse(frame, LIMITED, 60_000)
        else:
            await script.accept(frame)

    script.answer = refuse_here
    async with visitor(url, "s") as client:
        stuck = asyncio.create_task(client.post(HERE, "stuck"))
        await until(lambda: script.posts())
        assert (await client.post(UUID(int=8), "goes")).seq == 1
        assert not stuck.done()
    with pytest.raises(Closed):
        await stuck


async def test_a_post_that_is_refused_for_good_says_why_and_the_next_one_goes(script: Script, url: str) -> None:
    async def refuse_first(frame: ClientFrame) -> None:
        await (script.refuse(frame, UNWELCOME, None) if len(script.posts()) == 1 else script.accept(frame))

    script.answer = refuse_first
    async with visitor(url, "s") as client:
        with pytest.raises(NotCarriedOut) as refused:
            await client.post(HERE, "Buy!")
        assert refused.value.refused.code == UNWELCOME.code
        assert (await client.post(HERE, "Hello")).seq == 1


async def test_a_post_that_its_writer_gave_up_is_not_sent_again(script: Script, url: str) -> None:
    async def refuse(frame: ClientFrame) -> None:
        await (
            script.accept(frame)
            if isinstance(frame, Post) and frame.text == "next"
            else script.refuse(frame, LIMITED, 20)
        )

    script.answer = refuse
    async with visitor(url, "s") as client:
        given_up = asyncio.create_task(client.post(HERE, "given up"))
        await until(lambda: len(script.posts()) >= 2)
        given_up.cancel()
        assert (await client.post(HERE, "next")).seq == 1
        assert [post.text for post in script.posts()][-1] == "next"


async def test_what_was_written_while_there_is_no_server_goes_out_when_there_is_one(script: Script) -> None:
    port = free_port()
    async with script.running(port) as url:
        client = visitor(url, "s")
        await client.__aenter__()
    posts = [asyncio.create_task(client.post(HERE, str(number))) for number in range(3)]
    async with script.running(port):
        assert [(await post).seq for post in posts] == [1, 2, 3]
        await client.close()


async def test_a_connection_that_is_found_lost_leaves_room_for_who_has_to_notice() -> None:
    """Sending on a socket that was reset fails at once, before the task that listens on it has heard of the reset."""
    has_noticed, tries = False, 0

    async def ask(post: Post) -> ServerFrame:
        nonlocal tries
        tries += 1
        assert tries < ENDLESS, "tried again and again without a pause"
        if not has_noticed:
            raise ConnectionError("the connection was lost")
        return Accepted(1, post.conversation, post.client_id, 5, 0)

    post = Post(0, HERE, new_id(SystemClock()), "Hello", Conduct(0, ""))
    delivered = asyncio.create_task(Outbox(ask).deliver(post))
    await asyncio.sleep(0.01)
    has_noticed = True
    async with asyncio.timeout(5):
        assert (await delivered).seq == 5


# --- on the real thing ----------------------------------------------------------------------------------------------


@pytest.mark.stores
async def test_the_same_client_id_after_a_lost_answer_is_one_message(house: House) -> None:
    running = await house.gateway()
    async with Ear(house.visitor(running)) as ear:
        client, here = ear.client, ear.client.conversation
        client_id = new_id(SystemClock())
        first = await client.post(here, "once", client_id=client_id)
        again = await client.post(here, "once", client_id=client_id)
        assert (first.seq, first.at) == (again.seq, again.at)
        await client.post(here, "twice")
        await ear.hears_texts(here, "once", "twice")
        assert [each.body for each in await house.record(here)] == ["once", "twice"]


@pytest.mark.stores
async def test_more_than_a_hundred_pending_posts_all_arrive_in_order(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(MESSAGES, Role.AGENT, Rate(period_ms=20, burst=20))  # ten times what it is, to save time
    monkeypatch.setattr(pipeline, "CONVERSATION", Rate(period_ms=10, burst=50))
    running = await house.gateway()
    async with Ear(house.visitor(running)) as ear, Ear(await house.agent(running)) as writer:
        here = ear.client.conversation
        await ear.client.post(here, "Hello?")
        await writer.client.ask(Claim(0, here))
        await running.drain()
        texts = [f"No. {number}" for number in range(110)]
        posts = [asyncio.create_task(writer.client.post(here, text)) for text in texts]
        await house.gateway(running.port)
        await asyncio.gather(*posts)
        await until(lambda: len(ear.texts(here)) == 111)
        assert ear.texts(here) == ["Hello?", *texts]
