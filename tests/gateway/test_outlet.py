"""When a reader counts as stalled: nothing waits longer than two looks, and answers keep their pace."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from chat.protocol.catalogue import SLOW
from chat.protocol.frames import Watch
from gateway.socket.outlet import HELD_BYTES, LAG_BYTES, PACED_BYTES, STALL_S, WRITE_BYTES, Outlet
from gateway.socket.wheel import TICK_S
from tests.clock import ManualClock
from tests.gateway.ear import Ear
from tests.gateway.house import House
from tests.gateway.raw import a_peer, an_agents_hello
from tests.gateway.stalled import LONG, a_stalled_tab, backlog, stalled
from tests.gateway.waiting import until

WIDE = "字" * 7_900
"""24 KB in one message."""


class Pipe(asyncio.WriteTransport):
    """A transport whose reader takes what the test says."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting = 0
        self.pieces: list[bytes] = []

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        assert high == PACED_BYTES

    def get_write_buffer_size(self) -> int:
        return self.waiting

    def write(self, data: object) -> None:
        assert isinstance(data, bytes)
        self.waiting += len(data)
        self.pieces.append(data)

    def takes(self, size: int) -> None:
        self.waiting -= size


@pytest.fixture
def pipe() -> Pipe:
    return Pipe()


def test_what_is_held_goes_out_in_one_piece_and_is_released_once(pipe: Pipe) -> None:
    outlet = Outlet(pipe)
    assert [outlet.hold(b"one"), outlet.hold(b"two"), outlet.hold(b"three")] == [True, False, False]
    assert pipe.pieces == []
    outlet.release()
    outlet.release()
    assert pipe.pieces == [b"onetwothree"]
    assert outlet.hold(b"four")


def test_what_is_written_at_once_comes_after_what_is_held(pipe: Pipe) -> None:
    outlet = Outlet(pipe)
    outlet.hold(b"held")
    outlet.write(b"at once")
    assert pipe.pieces == [b"held", b"at once"]


def test_what_is_held_stays_little(pipe: Pipe) -> None:
    outlet = Outlet(pipe)
    outlet.hold(b"held")
    assert not outlet.hold(bytes(HELD_BYTES + 1))
    assert pipe.waiting == HELD_BYTES + 5
    for _ in range(HELD_BYTES + 1):
        outlet.hold(b"x")
    assert pipe.waiting == 2 * HELD_BYTES + 6


def watched(pipe: Pipe) -> Outlet:
    outlet = Outlet(pipe)
    outlet.write(bytes(2 * LAG_BYTES))
    assert outlet.watch()
    return outlet


def test_a_reader_is_watched_from_some_bytes_on_and_put_on_the_wheel_once(pipe: Pipe) -> None:
    outlet = Outlet(pipe)
    outlet.write(bytes(LAG_BYTES - 1))
    assert not outlet.watch()
    outlet.write(b"x")
    assert outlet.watch()
    assert not outlet.watch()
    assert outlet.is_watched


def test_a_reader_that_took_what_waited_at_the_last_look_goes_on_though_more_waits(pipe: Pipe) -> None:
    outlet = watched(pipe)
    for _ in range(10):
        outlet.write(bytes(LAG_BYTES))
        pipe.takes(pipe.waiting - LAG_BYTES)
        assert not outlet.look()
    assert outlet.is_watched


def test_a_reader_that_left_a_byte_of_what_waited_at_the_last_look_stalls(pipe: Pipe) -> None:
    outlet = watched(pipe)
    pipe.takes(2 * LAG_BYTES - 1)
    assert outlet.look()


def test_a_reader_that_took_everything_is_watched_no_more(pipe: Pipe) -> None:
    outlet = watched(pipe)
    pipe.takes(2 * LAG_BYTES)
    assert not outlet.look()
    assert not outlet.is_watched


@pytest.mark.parametrize("size", [LAG_BYTES, PACED_BYTES - 1, 10 * PACED_BYTES])
def test_of_an_answer_it_is_enough_to_take_something_in_5_s_but_not_nothing(pipe: Pipe, size: int) -> None:
    outlet = Outlet(pipe)
    outlet.answer(bytes(size))
    outlet.write(bytes(LAG_BYTES))  # what comes behind it keeps its pace
    assert outlet.watch()
    for _ in range(5):
        assert not outlet.look()
        pipe.takes(1)
        assert not outlet.look()
    assert not outlet.look()
    assert outlet.look()


def test_what_comes_behind_an_answer_that_was_taken_keeps_no_pace_of_its_own(pipe: Pipe) -> None:
    outlet = Outlet(pipe)
    outlet.answer(bytes(PACED_BYTES))
    outlet.write(bytes(LAG_BYTES))
    assert outlet.watch()
    pipe.takes(PACED_BYTES)
    assert not outlet.look()
    pipe.takes(1)
    assert outlet.look()


def test_an_answer_is_no_reason_to_call_a_reader_slow_and_what_is_left_of_it_no_excuse(pipe: Pipe) -> None:
    outlet = Outlet(pipe)
    outlet.answer(bytes(WRITE_BYTES))
    assert outlet.takes(bytes(WRITE_BYTES))
    outlet.write(bytes(WRITE_BYTES))
    assert not outlet.takes(b"x")
    pipe.takes(WRITE_BYTES)
    assert not outlet.takes(b"x")
    pipe.takes(1)
    assert outlet.takes(b"x")


async def test_who_reads_an_answer_slowly_is_not_cut_and_who_stops_in_it_is(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At each look it has read a little: what waited at the look before still waits."""
    clock, looks = ManualClock(), 0
    look = Outlet.look

    def counted(outlet: Outlet) -> bool:
        nonlocal looks
        looks += outlet.is_watched
        return look(outlet)

    monkeypatch.setattr(Outlet, "look", counted)
    gateway = await house.gateway(change=lambda parts: replace(parts, clock=clock))
    async with Ear(house.visitor(gateway)) as visitor:
        here = visitor.client.conversation
        for number in range(4):
            clock.advance(2)
            await visitor.client.post(here, f"{number} {WIDE}")
        async with a_peer(gateway, receive_buffer=4_096, segment=1_400) as slow:
            slow.send(an_agents_hello(await house.ticket(await house.account("Ada"))))
            await until(lambda: len(slow.frames) >= 2)
            connection = await stalled(gateway, slow)
            outlet = connection._outlet
            assert outlet is not None
            slow.send(Watch(1, here, 0))
            await until(lambda: outlet.is_watched)

            async def next_look() -> None:
                before = looks
                clock.advance(STALL_S + TICK_S)
                await until(lambda: looks > before or not connection.is_open)

            for _ in range(4):
                while outlet._now(backlog(connection)) == outlet._seen:
                    async with asyncio.timeout(5):
                        await slow._reader.read(256)
                await next_look()
                assert connection.is_open
            assert backlog(connection)
            await next_look()
            assert connection.is_open
            await next_look()
            assert not connection.is_open


async def test_a_reader_who_takes_nothing_is_cut_within_5_s_though_its_budget_is_not_used_up(house: House) -> None:
    clock = ManualClock()
    assert 2 * STALL_S <= 5.0
    gateway = await house.gateway(change=lambda parts: replace(parts, clock=clock))
    async with Ear(house.visitor(gateway)) as visitor, Ear(await house.agent(gateway)) as agent:
        here = visitor.client.conversation
        clock.advance(2)
        async with a_stalled_tab(house, gateway, visitor, agent) as (_, connection):
            said = 0
            while connection._outlet and not connection._outlet.is_watched:
                said += 1
                await agent.client.post(here, f"{said} {LONG}")
            assert connection.is_open
            clock.advance(STALL_S - 0.5)
            await agent.client.post(here, "one more")
            assert connection.is_open
            clock.advance(1.0)
            await until(lambda: not connection.is_open)
            clock.advance(2.5)
            await until(lambda: connection not in gateway.gateway._connections)
        await until(lambda: len(visitor.texts(here)) >= said + 2)
        assert (visitor.client.connects, agent.client.connects) == (1, 1)
        assert connection._closing_since is not None
        assert SLOW.then == "resume"
