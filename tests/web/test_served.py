"""The application as it is really served: on a port, by hypercorn on uvloop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from chat.errors import OperatorError, Unavailable
from gateway.web.app import create_app
from gateway.web.parts import WebParts
from gateway.web.serve import configuration, serve
from tests.web.business import TEN_O_CLOCK, Business

pytestmark = pytest.mark.stores


@dataclass(frozen=True)
class Served:
    port: int
    stop: asyncio.Event
    task: asyncio.Task[None]

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    async def say(self, request: str) -> bytes:
        """Send bytes as they are; the head of the answer."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(request.replace("\n", "\r\n").encode("latin-1"))
        try:
            async with asyncio.timeout(10):
                return await reader.readuntil(b"\r\n\r\n")
        finally:
            writer.transport.abort()


@asynccontextmanager
async def served(parts: WebParts, *, grace_seconds: float = 5.0) -> AsyncIterator[Served]:
    """On a free port, which the application is told is its own."""
    port: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    stop = asyncio.Event()
    late = _Late()
    task = asyncio.create_task(
        serve(late, "127.0.0.1", 0, stop=stop, listening=port.set_result, grace_seconds=grace_seconds)  # type: ignore[arg-type]
    )
    number = await port
    late.app = create_app(replace(parts, public_url=f"http://localhost:{number}"))
    try:
        yield Served(number, stop, task)
    finally:
        stop.set()
        await task


class _Late:
    """An application that is made when its port is known."""

    app: Starlette | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            with suppress(asyncio.CancelledError):
                await Starlette()(scope, receive, send)
            return
        assert self.app is not None
        await self.app(scope, receive, send)


async def test_pages_and_export_come_over_http_1_and_http_2(business: Business, parts: WebParts) -> None:
    await business.conversation("one")
    token = await business.token()
    async with served(parts) as here:
        for old in (True, False):
            async with httpx.AsyncClient(http1=old, http2=not old, base_url=here.url) as client:
                answer = await client.get("/api/v1/transcripts", headers={"Authorization": f"Bearer {token}"})
                assert answer.http_version == ("HTTP/1.1" if old else "HTTP/2")
                assert answer.json()["text"] == "one"
                assert "server" not in answer.headers
                assert (await client.get("/", headers={"Host": "evil.example"})).status_code == 400


async def test_the_headers_alone_announce_no_length_and_leave_the_connection_in_order(
    business: Business, parts: WebParts
) -> None:
    await business.conversation("one")
    headers = {"Authorization": f"Bearer {await business.token()}"}
    async with served(parts) as here:
        for old in (True, False):
            async with httpx.AsyncClient(http1=old, http2=not old, base_url=here.url, headers=headers) as client:
                head = await client.head("/api/v1/transcripts")
                assert (head.status_code, head.content) == (200, b"")
                assert "content-length" not in head.headers
                assert (await client.get("/api/v1/transcripts")).json()["text"] == "one"


async def test_requests_that_are_no_requests_for_us(parts: WebParts) -> None:
    async with served(parts) as here:
        own = f"localhost:{here.port}"
        for request, status in (
            (f"CONNECT evil.example:443 HTTP/1.1\nHost: {own}\n\n", b"405"),
            (f"CONNECT {own} HTTP/1.1\nHost: {own}\n\n", b"405"),
            (f"TRACE / HTTP/1.1\nHost: {own}\n\n", b"405"),
            (f"GET http://evil.example/console HTTP/1.1\nHost: {own}\nConnection: close\n\n", b"404"),
            (f"GET / HTTP/1.1\nHost: {own}\nHost: evil.example\n\n", b"400"),
            ("GET / HTTP/1.1\n\n", b"400"),
            ("GET / HTTP/1.0\n\n", b"400"),
            ("GET / HTTP/1.1\nHost: a/b?c#d\nConnection: close\n\n", b"400"),
            (f"GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\nHost: {own}\nConnection: close\n\n", b"404"),
            (f"GET / HTTP/1.1\nHost: {own}\nX: {'x' * 100_000}\n\n", b"431"),
        ):
            answer = await here.say(request)
            assert answer.split(b" ", 2)[1] == status, request[:80]


async def test_a_websocket_finds_no_door_here(parts: WebParts) -> None:
    async with served(parts) as here:
        answer = await here.say(
            f"GET / HTTP/1.1\nHost: localhost:{here.port}\nUpgrade: websocket\nConnection: Upgrade\n"
            "Sec-WebSocket-Version: 13\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\n\n"
        )
        assert answer.startswith(b"HTTP/1.1 403")


async def test_an_export_that_breaks_off_does_not_look_whole(
    business: Business, parts: WebParts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """HTTP says so: the last chunk never comes."""
    await business.conversation(*("x" * 7_000 for _ in range(40)))
    token = await business.token()
    real = type(business.stores.messages).all

    async def breaks_off(self: Any, conversation: Any) -> AsyncIterator[Any]:
        async for message in real(self, conversation):
            if message.seq > 20:
                raise Unavailable("gone")
            yield message

    monkeypatch.setattr(type(business.stores.messages), "all", breaks_off)
    async with served(parts) as here, httpx.AsyncClient(base_url=here.url) as client:
        with pytest.raises(httpx.RemoteProtocolError):
            await client.get("/api/v1/transcripts", headers={"Authorization": f"Bearer {token}"})


async def test_who_leaves_in_the_middle_stops_the_reading(
    business: Business, parts: WebParts, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        await business.conversation(*("x" * 7_900 for _ in range(150)), opened_at=TEN_O_CLOCK + number)
    token = await business.token()
    ended = asyncio.Event()
    opened_count = 0
    real = type(parts.transcripts)._exported
    real_open = type(business.stores.sealer).open

    async def watched(*arguments: Any) -> AsyncIterator[Any]:
        try:
            async for row in real(*arguments):
                yield row
        finally:
            ended.set()

    async def counted(*arguments: Any) -> Any:
        nonlocal opened_count
        opened_count += 1
        return await real_open(*arguments)

    monkeypatch.setattr(type(parts.transcripts), "_exported", watched)
    monkeypatch.setattr(type(business.stores.sealer), "open", counted)
    async with served(parts) as here:
        reader, writer = await asyncio.open_connection("127.0.0.1", here.port, limit=1024)
        writer.write(
            f"GET /api/v1/transcripts HTTP/1.1\r\nHost: localhost:{here.port}\r\n"
            f"Authorization: Bearer {token}\r\n\r\n".encode()
        )
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")
        writer.transport.abort()
        async with asyncio.timeout(10):
            await ended.wait()
    assert opened_count < 600


async def test_stopping_lets_an_answer_under_way_end(
    business: Business, parts: WebParts, monkeypatch: pytest.MonkeyPatch
) -> None:
    under_way, go_on = asyncio.Event(), asyncio.Event()

    async def waits() -> None:
        under_way.set()
        await go_on.wait()

    async with served(replace(parts, pings={"mongodb": waits})) as here, httpx.AsyncClient(base_url=here.url) as client:
        asking = asyncio.create_task(client.get("/readyz"))
        await under_way.wait()
        here.stop.set()
        go_on.set()
        assert (await asking).json() == {"status": "ready"}
        await asyncio.wait_for(asyncio.shield(here.task), 5)
        with pytest.raises(httpx.ConnectError):
            await httpx.AsyncClient(base_url=here.url).get("/healthz")


async def test_stopping_does_not_wait_for_who_never_ends(parts: WebParts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.web.health.PING_SECONDS", 600)
    under_way = asyncio.Event()

    async def never() -> None:
        under_way.set()
        await asyncio.Event().wait()

    endless = replace(parts, pings={"mongodb": never})
    async with served(endless, grace_seconds=0.2) as here, httpx.AsyncClient(base_url=here.url) as client:
        asking = asyncio.create_task(client.get("/readyz", timeout=30))
        await under_way.wait()
        here.stop.set()
        await asyncio.wait_for(asyncio.shield(here.task), 5)
        assert (await asking).status_code == 500


async def test_a_taken_port_is_one_clear_line(parts: WebParts) -> None:
    async with served(parts) as here:
        with pytest.raises(
            OperatorError, match=f"cannot listen on 127.0.0.1:{here.port}: Address already in use"
        ) as told:
            await serve(create_app(parts), "127.0.0.1", here.port, stop=asyncio.Event())
        assert "AICAN_WEB_PORT" in told.value.remedy


def test_hypercorn_is_told_nothing_that_it_does_not_know() -> None:
    config = configuration()
    assert config.h2_max_concurrent_streams == 32
    assert not config.include_server_header
