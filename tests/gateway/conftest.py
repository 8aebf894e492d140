"""A house for each test, and who is in it when the test begins."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest
import uvloop
from pydantic import SecretStr

from chat.inspection import verdict
from chat.model import Account
from chat.protocol.codec import JSON, MSGPACK
from chat.protocol.frames import Welcome
from config.settings import Settings
from gateway.socket import server
from tests.clock import ManualClock
from tests.gateway.fated import Talk, a_talk
from tests.gateway.house import House, RunningGateway, a_house
from tests.gateway.raw import RawPeer, a_hello, a_peer
from tests.gateway.scene import Scene, a_scene


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The loop that the gateway runs on."""
    return {"uvloop": uvloop.new_event_loop}


@pytest.fixture
def settings(tmp_path: Path, redis_url: str, mongodb_url: str) -> Settings:
    """Settings that point at this test's stores."""
    return Settings(
        data_dir=tmp_path,
        redis_url=SecretStr(redis_url),
        mongodb_url=SecretStr(mongodb_url),
        public_url="http://localhost:8000",
        gateway_url="ws://localhost:8001",
    )


@pytest.fixture
async def house(settings: Settings) -> AsyncIterator[House]:
    async with a_house(settings) as house:
        yield house


@pytest.fixture
async def gateway(house: House) -> RunningGateway:
    return await house.gateway()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def timed(house: House, clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> RunningGateway:
    """A gateway whose time stands still, looked at often."""
    monkeypatch.setattr(server, "CHECK_S", 0.01)
    return await house.gateway(change=lambda parts: replace(parts, clock=clock))


@pytest.fixture
async def welcomed(house: House, gateway: RunningGateway) -> AsyncIterator[RawPeer]:
    """A visitor who has greeted and said nothing more."""
    async with a_peer(gateway) as peer:
        peer.send(a_hello(house))
        await peer.hears(Welcome)
        yield peer


@pytest.fixture
async def ada(house: House) -> Account:
    return await house.account("Ada")


@pytest.fixture(params=[MSGPACK.subprotocol, JSON.subprotocol])
async def scene(request: pytest.FixtureRequest, house: House) -> AsyncIterator[Scene]:
    """In both ways to write frames."""
    async with a_scene(house, subprotocol=request.param) as scene:
        yield scene


@pytest.fixture
async def talk(house: House) -> AsyncIterator[Talk]:
    async with a_talk(house) as talk:
        yield talk


@pytest.fixture(autouse=True)
def first_messages_may_come_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs write faster than people; the rule itself has its own tests."""
    monkeypatch.setattr(verdict, "FIRST_MESSAGE_MS", 0)
