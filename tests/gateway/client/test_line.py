"""The client's connection: it greets first, comes back when it may, and stays away when it is told to."""

from __future__ import annotations

import asyncio

import pytest

from chat.protocol.catalogue import CRAWLER, DRAINING, FLOODING, FOREIGN_ORIGIN, NO_SUCH_SITE
from chat.protocol.frames import ClientFrame, Goodbye, HelloAgent, Typing, Watch, Welcome
from gateway.client import Closed, agent, visitor
from tests.gateway.client.script import HERE, Script, a_ticket
from tests.gateway.house import House, RunningGateway
from tests.gateway.waiting import until
from tests.ports import free_port


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


async def test_a_question_whose_connection_is_lost_is_to_be_asked_again(script: Script, url: str) -> None:
    async def cut(_: ClientFrame) -> None:
        script.connections[-1].transport.abort()

    script.answer = cut
    async with agent(url, a_ticket) as client:
        with pytest.raises(ConnectionError):
            await client.ask(Watch(0, HERE, 0))


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


# --- for good -------------------------------------------------------------------------------------------------------


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


@pytest.mark.stores
async def test_the_client_stays_away_when_it_is_told_to(house: House, gateway: RunningGateway) -> None:
    for client, closure in (
        (visitor(gateway.url, "no-such-site"), NO_SUCH_SITE),
        (house.visitor(gateway, origin="https://evil.example"), FOREIGN_ORIGIN),
        (house.visitor(gateway, user_agent="curl/8"), CRAWLER),
    ):
        with pytest.raises(Closed) as closed:
            await client.__aenter__()
        assert closed.value.code == closure.code


@pytest.mark.stores
async def test_what_the_ticket_raises_ends_an_agents_client(gateway: RunningGateway) -> None:
    async def no_ticket() -> str:
        raise LookupError("signed out")

    with pytest.raises(LookupError):
        await agent(gateway.url, no_ticket).__aenter__()
