"""What a gateway says of itself, and which stores it misses."""

from __future__ import annotations

import asyncio
import http.client
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from chat.clock import new_id
from chat.errors import Unavailable
from chat.protocol.catalogue import AWAY, UNAVAILABLE
from chat.protocol.frames import Accepted, Conduct, Post, Refused, Welcome
from config.local import redis as local_redis
from config.local.stores import REDIS
from config.settings import Settings
from gateway.socket import server
from tests.gateway.house import House, RunningGateway, a_house
from tests.gateway.raw import a_hello, a_peer
from tests.gateway.waiting import until
from tests.storage.killable import KillableStore

pytestmark = pytest.mark.stores


async def health(gateway: RunningGateway, path: str) -> tuple[int, str]:
    def ask() -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=5)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    return await asyncio.to_thread(ask)


async def test_a_gateway_is_alive_and_ready(house: House) -> None:
    gateway = await house.gateway()
    assert await health(gateway, "/healthz") == (200, "alive\n")
    assert await health(gateway, "/readyz") == (200, "ready\n")
    assert (await health(gateway, "/"))[0] == 426


async def test_a_store_that_is_away_is_named_until_it_is_back(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "CHECK_S", 0.05)
    with KillableStore(REDIS, tmp_path) as redis:
        await redis.start()
        own = settings.model_copy(update={"redis_url": SecretStr(local_redis.url(tmp_path))})
        async with a_house(own) as house:
            gateway = await house.gateway()
            async with a_peer(gateway) as peer:
                peer.send(a_hello(house))
                here = (await peer.hears(Welcome)).conversation
                redis.kill()
                await until(lambda: gateway.gateway.away() == ["bus", "redis"])
                assert await health(gateway, "/readyz") == (503, "away: bus, redis\n")
                assert await health(gateway, "/healthz") == (200, "alive\n")
                peer.send(Post(5, here, new_id(house.stores.clock), "Hello?", Conduct(5_000, "")))
                refused = await peer.hears(Refused)
                assert (refused.ref, refused.code, refused.then) == (5, UNAVAILABLE.code, "retry")
                async with a_peer(gateway) as late:
                    late.send(a_hello(house))
                    assert await late.closed_with() == AWAY.code
                await redis.start()
                await until(lambda: not gateway.gateway.away())
                assert (await health(gateway, "/readyz"))[0] == 200
                peer.send(Post(6, here, new_id(house.stores.clock), "Hello!", Conduct(5_000, "")))
                assert (await peer.hears(Accepted)).ref == 6


async def test_a_store_that_hangs_makes_no_other_look_away(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "CHECK_S", 0.01)
    hanging = asyncio.Event()

    async def away() -> None:
        raise Unavailable("not now")

    async def hang() -> None:
        await hanging.wait()

    gateway = await house.gateway(change=lambda parts: replace(parts, pings={**parts.pings}))
    pings = gateway.gateway.parts.pings
    assert isinstance(pings, dict)
    pings.update(mongodb=hang, redis=away)
    await until(lambda: gateway.gateway.away() == ["redis"])
    hanging.set()


async def test_while_one_store_hangs_another_that_goes_away_is_named_all_the_same(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "CHECK_S", 0.01)
    asked, hanging = asyncio.Event(), asyncio.Event()

    async def hang() -> None:
        asked.set()
        await hanging.wait()

    async def away() -> None:
        raise Unavailable("not now")

    gateway = await house.gateway(change=lambda parts: replace(parts, pings={**parts.pings}))
    pings = gateway.gateway.parts.pings
    assert isinstance(pings, dict)
    pings["mongodb"] = hang
    await asked.wait()
    pings["bus"] = away
    await until(lambda: gateway.gateway.away() == ["bus"])
    hanging.set()


async def test_one_store_away_keeps_no_other_check_from_its_turn(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "CHECK_S", 0.01)
    gateway = (await house.gateway()).gateway
    done: dict[str, int] = {"positions": 0, "abandoned": 0, "departures": 0}

    def away(name: str) -> Callable[[], Awaitable[None]]:
        async def check() -> None:
            done[name] += 1
            raise Unavailable("not now")

        return check

    monkeypatch.setattr(gateway.feeds, "check_positions", away("positions"))
    monkeypatch.setattr(gateway.feeds, "forget_abandoned", away("abandoned"))
    monkeypatch.setattr(gateway.workplaces, "depart", away("departures"))
    await until(lambda: min(done.values()) >= 2)
