"""The client keeps its promises whatever the server does: here the server is a script."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from uuid import UUID

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.typing import Subprotocol

import gateway.client
from chat.budgets.rates import MESSAGES
from chat.clock import SystemClock, new_id
from chat.delivery import pipeline
from chat.ports import Rate
from chat.protocol.catalogue import AWAY, DRAINING, FLOODING, LIMITED, UNAVAILABLE, UNWELCOME, Refusal
from chat.protocol.codec import MSGPACK
from chat.protocol.frames import (
    Accepted,
    Beat,
    Claim,
    ClientFrame,
    ConversationView,
    Goodbye,
    Hello,
    HelloAgent,
    Kind,
    Message,
    MessageView,
    Person,
    Post,
    Refused,
    Role,
    ServerFrame,
    SiteView,
    Snapshot,
    State,
    Tops,
    Typing,
    Watch,
    Welcome,
    WelcomeAgent,
)
from gateway.client import Closed, NotCarriedOut, agent, visitor
from gateway.client import line as line_module
from tests.gateway.ear import Ear
from tests.gateway.house import House, free_port
from tests.gateway.waiting import until

HERE = UUID(int=7)
ME = Person(UUID(int=1), "Ada", "agent", True)


class Script:
    """A server whose answers a test writes."""

    def __init__(self) -> None:
        self.heard: list[ClientFrame] = []
        self.connections: list[ServerConnection] = []
        self.answer: Callable[[ClientFrame], Awaitable[None]] = self.accept
        self.heartbeat_ms = 15_000
        self.seq = 0

    @asynccontextmanager
    async def running(self, port: int) -> AsyncIterator[str]:
        offered = [Subprotocol(MSGPACK.subprotocol)]
        async with serve(self._serve, "127.0.0.1", port, subprotocols=offered, ping_interval=None):
            yield f"ws://127.0.0.1:{port}"

    async def _serve(self, connection: ServerConnection) -> None:
        self.connections.append(connection)
        async for data in connection:
            assert isinstance(data, bytes)
            frame = MSGPACK.decode_client(data)
            self.heard.append(frame)
            if isinstance(frame, Hello):
                site = SiteView("", "", "", "")
                await self.say(Welcome(frame.ref, UUID(int=2), "t", HERE, State.NEW, site, True, self.heartbeat_ms, 1))
            elif isinstance(frame, HelloAgent):
                await self.say(WelcomeAgent(frame.ref, ME, "w", self.heartbeat_ms, 1))
            else:
                await self.answer(frame)

    async def say(self, *frames: ServerFrame) -> None:
        for frame in frames:
            await self.connections[-1].send(MSGPACK.encode(frame))

    async def accept(self, frame: ClientFrame) -> None:
        if isinstance(frame, Post):
            self.seq += 1
            await self.say(Accepted(frame.ref, frame.conversation, frame.client_id, self.seq, 1))

    async def refuse(self, frame: ClientFrame, refusal: Refusal, retry_after_ms: int | None) -> None:
        await self.say(Refused(frame.ref, refusal.code, refusal.text, refusal.then.value, retry_after_ms, ""))

    def all(self, kind: type) -> list[ClientFrame]:
        return [frame for frame in self.heard if isinstance(frame, kind)]

    def posts(self) -> list[Post]:
        return [frame for frame in self.heard if isinstance(frame, Post)]


def message(seq: int) -> Message:
    return Message(0, HERE, MessageView(seq, UUID(int=seq), Kind.TEXT, Role.VISITOR, UUID(int=2), 1, str(seq)))


def snapshot(ref: int, *seqs: int, recovered: bool = True) -> Snapshot:
    view = ConversationView(HERE, "s", State.WAITING, 1, None, 1, None, None, max(seqs, default=0), None, None)
    return Snapshot(ref, view, [], [message(seq).message for seq in seqs], [], recovered, False)


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
async def url(script: Script) -> AsyncIterator[str]:
    async with script.running(free_port()) as url:
        yield url


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reconnects within a tenth of a second: that they wait longer in life has its own test."""
    monkeypatch.setattr(line_module, "FIRST_WAIT_S", 0.05)
    monkeypatch.setattr(line_module, "LONGEST_WAIT_S", 0.1)


async def a_ticket() -> str:
    return "ticket"


# --- greetings ------------------------------------------------------------------------------------------------------


async def test_nothing_is_sent_before_the_greeting_though_that_waits_for_a_ticket(script: Script, url: str) -> None:
    """A server hangs up for good on who does not greet first."""
    asked, given = asyncio.Event(), asyncio.Event()

    async def slowly() -> str:
        asked.set()
        await given.wait()
        return "ticket"

    client = agent(url, slowly)
    coming = asyncio.create_task(client.__aenter__())
    await asked.wait()
    await client.tell(Typing(0, HERE, True))
    with pytest.raises(ConnectionError):
        await client.ask(Watch(0, HERE, 0))
    given.set()
    await coming
    await client.tell(Typing(0, HERE, False))
    await until(lambda: len(script.heard) == 2)
    assert [type(frame) for frame in script.heard] == [HelloAgent, Typing]
    await client.close()


# --- posts ----------------------------------------------------------------------------------------------------------


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


# --- messages -------------------------------------------------------------------------------------------------------


async def test_each_message_is_yielded_once_and_in_order(script: Script, url: str) -> None:
    async with Ear(agent(url, a_ticket)) as ear:
        await script.say(
            snapshot(0, 1, 2), message(2), message(3), message(3), snapshot(0, 3, 4), message(4), message(5)
        )
        await until(lambda: len(ear.messages(HERE)) >= 5)
        await script.say(Goodbye(0, AWAY.code, "", "resume", 0))
        await ear.hears(Goodbye)
        assert [each.seq for each in ear.messages(HERE)] == [1, 2, 3, 4, 5]


async def test_an_agent_who_missed_a_message_asks_once_for_what_comes_after_the_last_one(
    script: Script, url: str
) -> None:
    async def fill(frame: ClientFrame) -> None:
        if isinstance(frame, Watch):
            await script.say(snapshot(frame.ref, 2, 3, 4))

    script.answer = fill
    async with Ear(agent(url, a_ticket)) as ear:
        await script.say(message(1), message(3), message(4))
        await until(lambda: len(ear.messages(HERE)) >= 4)
        assert [each.seq for each in ear.messages(HERE)] == [1, 2, 3, 4]
        (watch,) = script.all(Watch)
        assert isinstance(watch, Watch)
        assert (watch.conversation, watch.position) == (HERE, 1)


async def test_an_agent_who_is_refused_the_missed_messages_asks_again_later(script: Script, url: str) -> None:
    async def limit_first(frame: ClientFrame) -> None:
        if len(script.all(Watch)) == 1:
            await script.refuse(frame, LIMITED, 5)
        else:
            await script.say(snapshot(frame.ref, 2, 3))

    script.answer = limit_first
    async with Ear(agent(url, a_ticket)) as ear:
        await script.say(message(1), message(3))
        await until(lambda: [each.seq for each in ear.messages(HERE)] == [1, 2, 3])


async def test_a_visitor_who_missed_a_message_greets_again_with_the_position(script: Script, url: str) -> None:
    async with Ear(visitor(url, "s")) as ear:
        await script.say(message(1), message(2), message(5))
        await until(lambda: len(script.all(Hello)) == 2)
        first, second = script.all(Hello)
        assert isinstance(first, Hello)
        assert isinstance(second, Hello)
        assert (first.conversation, first.position, first.token) == (None, 0, None)
        assert (second.conversation, second.position, second.token) == (HERE, 2, "t")
        await until(lambda: ear.client.connects == 2)
        await script.say(snapshot(0, 3, 4, 5))
        await until(lambda: [each.seq for each in ear.messages(HERE)] == [1, 2, 3, 4, 5])


async def test_a_heartbeat_carries_positions_and_its_answer_tells_what_was_missed(script: Script, url: str) -> None:
    script.heartbeat_ms = 20

    async def answer(frame: ClientFrame) -> None:
        if isinstance(frame, Beat) and frame.positions:
            await script.say(Tops(0, [(HERE, 3)]))
        elif isinstance(frame, Watch):
            await script.say(snapshot(frame.ref, 2, 3))

    script.answer = answer
    async with Ear(agent(url, a_ticket)) as ear:
        await script.say(message(1))
        await until(lambda: [each.seq for each in ear.messages(HERE)] == [1, 2, 3])
        assert Beat(0, [(HERE, 1)]) in script.all(Beat)
        await until(lambda: Beat(0, [(HERE, 3)]) in script.all(Beat))


# --- questions and ends ---------------------------------------------------------------------------------------------


async def test_a_question_whose_connection_is_lost_is_to_be_asked_again(script: Script, url: str) -> None:
    async def cut(_: ClientFrame) -> None:
        script.connections[-1].transport.abort()

    script.answer = cut
    async with agent(url, a_ticket) as client:
        with pytest.raises(ConnectionError):
            await client.ask(Watch(0, HERE, 0))


async def test_a_server_that_hangs_up_for_good_is_left_alone(script: Script, url: str) -> None:
    script.answer = _nothing
    async with visitor(url, "s") as client:
        waiting = asyncio.create_task(client.post(HERE, "in vain"))
        await until(lambda: script.posts())
        await script.connections[-1].close(FLOODING.code, FLOODING.text)
        with pytest.raises(Closed):
            await waiting
        frames = [frame async for frame in client]
        assert isinstance(frames[0], Welcome)
        with pytest.raises(Closed) as closed:
            await client.post(HERE, "more")
        assert closed.value.code == FLOODING.code
        assert len(script.connections) == 1


async def _nothing(_: ClientFrame) -> None:
    """A server that does not answer."""


async def test_a_goodbye_says_when_to_come_back(script: Script, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    sleep = asyncio.sleep

    async def noting(seconds: float) -> None:
        waits.append(seconds)
        await sleep(0)

    async with visitor(url, "s") as client:
        monkeypatch.setattr("gateway.client.line.asyncio.sleep", noting)
        await script.say(Goodbye(0, DRAINING.code, "", "resume", 1_234))
        await script.connections[-1].close(DRAINING.code)
        async with asyncio.timeout(10):
            while client.connects < 2:
                await sleep(0.005)
        monkeypatch.undo()
    assert 1.234 in waits


async def test_what_is_said_in_passing_is_dropped_while_there_is_no_connection(script: Script) -> None:
    port = free_port()
    async with script.running(port) as url:
        client = visitor(url, "s")
        await client.__aenter__()
    await until(lambda: client._line._socket is None)
    await client.tell(Typing(0, HERE, True))
    await client.close()
    assert script.all(Typing) == []


async def test_a_client_that_is_closed_while_it_waits_for_a_server_ends() -> None:
    client = visitor(f"ws://127.0.0.1:{free_port()}", "s")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await client.__aenter__()
    with pytest.raises(Closed):
        await client.post(HERE, "in vain")


def test_waits_grow_and_are_spread_from_the_first_one_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setattr("random.random", lambda: 1.0)
    client = visitor("ws://nowhere", "s")
    assert [client._line._wait(tries) for tries in range(7)] == [1, 2, 4, 8, 16, 20, 20]
    monkeypatch.setattr("random.random", lambda: 0.25)
    assert client._line._wait(0) == 0.25


# --- on the real thing ----------------------------------------------------------------------------------------------


@pytest.mark.stores
async def test_the_examples_of_the_module_work_as_they_stand(house: House) -> None:
    running = await house.gateway()
    example = inspect.getdoc(gateway.client)
    assert example is not None
    lines = [line for line in example.splitlines() if line.startswith("    ")]
    source = "async def example(gateway_url):\n" + "\n".join("    " + line[4:] for line in lines)
    heard: list[ServerFrame] = []
    names = {"visitor": lambda url, site: house.visitor(running, site=house.site.id), "heard": heard}
    exec(source.replace("...", "heard.append(frame)"), names)  # the documentation, word for word
    task = asyncio.create_task(names["example"](running.url))  # type: ignore[operator]
    await until(lambda: any(isinstance(frame, Message) for frame in heard))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


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
