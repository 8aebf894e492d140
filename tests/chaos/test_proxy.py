"""The proxy does to connections what each weather says, and nothing else."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from random import Random
from typing import TypeAlias

import pytest

from tests.chaos.proxy import Address, Proxy
from tests.chaos.resp import Answers, is_push
from tests.chaos.weather import CALM, Weather

PUSH = b"*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$4\r\n\r\n\r\n\r\n"
PONG = b"*2\r\n$4\r\npong\r\n$0\r\n\r\n"


class Upstream:
    """Answers each piece with itself; keeps what it was sent, and says when a connection ends."""

    def __init__(self) -> None:
        self.heard = b""
        self.ended = asyncio.Event()
        self.writers: list[asyncio.StreamWriter] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.append(writer)
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65536):
                self.heard += data
                writer.write(data)
        self.ended.set()
        writer.close()


@pytest.fixture
async def upstream() -> Upstream:
    return Upstream()


@pytest.fixture
async def address(upstream: Upstream) -> AsyncIterator[Address]:
    server = await asyncio.start_server(upstream.serve, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[:2]
    server.close()
    for writer in upstream.writers:
        writer.transport.abort()


@pytest.fixture
async def proxy(address: Address) -> AsyncIterator[Proxy]:
    async with Proxy("test", [address], Random(1)) as proxy:
        yield proxy


class Caller:
    """Who dials the proxy."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def says(self, data: bytes) -> bytes:
        """Send it, and hear as many bytes back."""
        self.writer.write(data)
        return await self.hears(len(data))

    async def hears(self, count: int) -> bytes:
        async with asyncio.timeout(5):
            return await self.reader.readexactly(count)

    async def hears_nothing(self) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await self.reader.read(1)


Dial: TypeAlias = Callable[[Proxy], Awaitable[Caller]]


@pytest.fixture
async def dialled() -> AsyncIterator[Dial]:
    """Dials a proxy; whoever was dialled with hangs up in the end."""
    callers: list[Caller] = []

    async def dial(proxy: Proxy) -> Caller:
        callers.append(Caller(*await asyncio.open_connection("127.0.0.1", proxy.port)))
        return callers[-1]

    yield dial
    for caller in callers:
        caller.writer.transport.abort()


@pytest.fixture
async def caller(proxy: Proxy, dialled: Dial) -> Caller:
    return await dialled(proxy)


async def test_calm_it_hands_on_what_comes(caller: Caller) -> None:
    assert await caller.says(b"x" * 1_000_000) == b"x" * 1_000_000


async def test_it_dials_unix_sockets_too(tmp_path: Path, upstream: Upstream, dialled: Dial) -> None:
    server = await asyncio.start_unix_server(upstream.serve, tmp_path / "s")
    async with Proxy("test", [tmp_path / "s"], Random(1)) as proxy:
        assert await (await dialled(proxy)).says(b"hello") == b"hello"
    server.close()


async def test_it_passes_over_upstreams_that_cannot_be_dialled(address: Address, tmp_path: Path, dialled: Dial) -> None:
    async with Proxy("test", [tmp_path / "none", address, tmp_path / "none either"], Random(1)) as proxy:
        for _ in range(5):
            assert await (await dialled(proxy)).says(b"hello") == b"hello"


async def test_an_end_is_handed_on_after_what_was_on_its_way(proxy: Proxy, caller: Caller, upstream: Upstream) -> None:
    await proxy.change(Weather(latency_s=0.05))
    caller.writer.write(b"last words")
    caller.writer.close()
    async with asyncio.timeout(5):
        await upstream.ended.wait()
    assert upstream.heard == b"last words"
    assert proxy.connections == 0


async def test_latency_is_felt_in_both_directions_and_keeps_the_order(proxy: Proxy, caller: Caller) -> None:
    await proxy.change(Weather(latency_s=0.05, jitter_s=0.05))
    began = time.monotonic()
    for number in range(20):
        caller.writer.write(b"%02d" % number)
        await asyncio.sleep(0.002)
    assert await caller.hears(40) == b"".join(b"%02d" % number for number in range(20))
    assert time.monotonic() - began >= 0.1


async def test_slices_lose_and_reorder_nothing(proxy: Proxy, caller: Caller) -> None:
    await proxy.change(Weather(piece=7))
    data = bytes(range(256)) * 20
    assert await caller.says(data) == data


async def test_a_narrow_line_takes_its_time_and_calm_ends_that(proxy: Proxy, caller: Caller) -> None:
    await proxy.change(Weather(bytes_per_s=10_000, piece=100))
    began = time.monotonic()
    assert await caller.says(b"x" * 2_000) == b"x" * 2_000
    assert time.monotonic() - began >= 0.2
    await proxy.change(Weather(bytes_per_s=10))
    caller.writer.write(b"y" * 1_000)
    await asyncio.sleep(0.05)
    await proxy.change(CALM)
    assert await caller.hears(1_000) == b"y" * 1_000


async def test_a_stall_holds_everything_and_loses_nothing(
    proxy: Proxy, caller: Caller, upstream: Upstream, dialled: Dial
) -> None:
    await caller.says(b"before")
    await proxy.change(Weather(stalled=True))
    caller.writer.write(b"meanwhile")
    await caller.hears_nothing()
    assert upstream.heard == b"before"
    late = await dialled(proxy)
    late.writer.write(b"new")
    await late.hears_nothing()
    await proxy.change(CALM)
    assert await caller.hears(9) == b"meanwhile"
    assert await late.hears(3) == b"new"


async def test_a_cut_is_a_reset_to_both_ends(proxy: Proxy, caller: Caller, upstream: Upstream, dialled: Dial) -> None:
    await caller.says(b"hello")
    proxy.cut()
    with pytest.raises(ConnectionResetError):
        await caller.hears(1)
    async with asyncio.timeout(5):
        await upstream.ended.wait()
    assert proxy.connections == 0
    assert await (await dialled(proxy)).says(b"again") == b"again"


async def test_half_open_connections_stay_silent_and_new_ones_work(
    proxy: Proxy, caller: Caller, upstream: Upstream, dialled: Dial
) -> None:
    await caller.says(b"before")
    (link,) = proxy.half_open()
    caller.writer.write(b"lost")
    await caller.hears_nothing()
    caller.writer.close()
    assert await (await dialled(proxy)).says(b"new") == b"new"
    assert upstream.heard == b"beforenew"
    assert not upstream.ended.is_set()
    assert link.near.hung_up_at is not None
    assert link.far.hung_up_at is None
    assert proxy.half_open() != [link], "it was dead before"


async def test_a_close_that_nobody_hears_tells_that_the_silence_was_noticed(proxy: Proxy, caller: Caller) -> None:
    await caller.says(b"before")
    (link,) = proxy.half_open()
    caller.writer.write(b"\x82\x00")
    await caller.hears_nothing()
    assert link.near.hung_up_at is None
    caller.writer.write(b"\x88\x80")
    await caller.hears_nothing()
    assert link.near.hung_up_at is not None
    assert not link.near.is_gone


async def test_a_black_hole_swallows_new_connections_and_never_gives_them_back(
    proxy: Proxy, caller: Caller, upstream: Upstream, dialled: Dial
) -> None:
    await proxy.change(Weather(swallowing=True))
    late = await dialled(proxy)
    for each in (caller, late):
        each.writer.write(b"lost")
        await each.hears_nothing()
    await proxy.change(CALM)
    for each in (caller, late):
        each.writer.write(b"lost too")
        await each.hears_nothing()
    assert await (await dialled(proxy)).says(b"new") == b"new"
    assert upstream.heard == b"new"


async def test_refused_it_cannot_be_dialled_until_it_is_calm(proxy: Proxy, caller: Caller, dialled: Dial) -> None:
    await proxy.change(Weather(refusing=True))
    with pytest.raises(ConnectionResetError):
        await caller.hears(1)
    with pytest.raises(ConnectionRefusedError):
        await dialled(proxy)
    await proxy.change(CALM)
    assert await (await dialled(proxy)).says(b"again") == b"again"


async def test_only_its_share_of_the_connections_has_the_weather(proxy: Proxy, dialled: Dial) -> None:
    callers = [await dialled(proxy) for _ in range(40)]
    for each in callers:
        await each.says(b"x")
    await proxy.change(Weather(stalled=True, share=0.5))
    for each in callers:
        each.writer.write(b"y")
    await asyncio.sleep(0.2)
    answered = sum(bool(each.reader._buffer) for each in callers)  # type: ignore[attr-defined]
    assert 5 < answered < 35


async def test_a_mute_subscriber_is_answered_but_hears_no_message(
    proxy: Proxy, caller: Caller, upstream: Upstream
) -> None:
    await caller.says(b"*2\r\n$9\r\nSUBSCRIBE\r\n$1\r\nc\r\n")  # the upstream repeats everything: a whole answer
    assert await caller.says(PUSH) == PUSH
    await proxy.change(Weather(mute=True))
    (writer,) = upstream.writers
    for start in range(0, len(PUSH + PONG), 5):
        writer.write((PUSH + PONG)[start : start + 5])
        await asyncio.sleep(0.001)
    assert await caller.hears(len(PONG)) == PONG
    await proxy.change(CALM)
    assert await caller.says(PUSH) == PUSH


async def test_a_slow_reader_is_felt_by_who_writes(address: Address, dialled: Dial) -> None:
    async with Proxy("test", [address], Random(1), narrow=True) as proxy:
        caller = await dialled(proxy)
        await proxy.change(Weather(stalled=True))
        caller.writer.transport.set_write_buffer_limits(high=0)
        caller.writer.write(b"x" * 20_000_000)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await caller.writer.drain()


def test_answers_are_whole_however_they_were_cut() -> None:
    stream = PUSH + b"+OK\r\n:5\r\n$-1\r\n-ERR no\r\n" + PONG + b"*-1\r\n*2\r\n*1\r\n:1\r\n$2\r\n\r\n\r\n"
    for size in range(1, len(stream) + 1):
        answers = Answers()
        found = [one for start in range(0, len(stream), size) for one in answers.whole(stream[start : start + size])]
        assert b"".join(found) == stream
        assert len(found) == 8
        assert [is_push(one) for one in found] == [True] + [False] * 7
