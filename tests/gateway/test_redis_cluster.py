"""The whole product on a Redis Cluster: a chat goes on when a master dies."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from config.settings import Settings
from tests.gateway.ear import Ear
from tests.gateway.house import a_house
from tests.gateway.test_outages import OUTAGE_S, a_chat, faster_than_people
from tests.gateway.waiting import until
from tests.storage.redis.fleet import ClusterFleet

pytestmark = pytest.mark.stores

__all__ = ["faster_than_people"]


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[ClusterFleet]:
    fleet = ClusterFleet(tmp_path / "cluster")
    try:
        fleet.start()
        yield fleet
    finally:
        fleet.stop()


async def test_a_chat_goes_on_through_kill_9_of_a_clusters_master(fleet: ClusterFleet, settings: Settings) -> None:
    async with a_house(settings.model_copy(update={"redis_url": SecretStr(fleet.url)})) as house:
        first, second = await house.gateway(), await house.gateway()
        async with Ear(house.visitor(first)) as visitor, Ear(await house.agent(second)) as agent:
            chat = await a_chat(house, visitor, agent)

            async def kill() -> None:
                fleet.pair[0].kill()
                await until(lambda: first.gateway.away() != [], seconds=OUTAGE_S)

            await chat.through(kill)
            await until(lambda: first.gateway.away() == second.gateway.away() == [], seconds=OUTAGE_S)
