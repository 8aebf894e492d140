"""Whether an agent takes new conversations, over reconnects."""

from __future__ import annotations

import pytest

from chat.protocol.frames import Attendance, Availability, Presence, Welcome, WelcomeAgent
from tests.gateway.ear import Ear
from tests.gateway.house import House
from tests.gateway.waiting import until

pytestmark = pytest.mark.stores


async def test_who_is_away_comes_back_away_and_is_not_shown_as_there_for_a_moment(house: House) -> None:
    gateway = await house.gateway()
    async with (
        Ear(await house.agent(gateway, "Ada")) as ada,
        Ear(await house.agent(gateway, "Bob")) as bob,
        Ear(house.visitor(gateway)) as visitor,
    ):
        await bob.client.ask(Availability(0, False))
        await ada.hears(Presence, person__name="Bob", person__available=False)
        await bob.client._line.drop()
        await until(lambda: bob.client.connects == 2)
        assert isinstance(bob.client.welcome, WelcomeAgent)
        assert bob.client.welcome.me.available is False
        # Facts of one workspace are read in order: once this one is told, all that Bob's return caused was.
        await ada.client.ask(Availability(0, False))
        await until(lambda: [frame.attended for frame in visitor.all(Attendance)][-1:] == [False])
        seen = [frame.person.available for frame in ada.all(Presence, person__name="Bob", online=True)]
        assert seen[seen.index(False) :] == [False]


async def test_who_comes_away_is_nobody_to_answer(house: House) -> None:
    gateway = await house.gateway()
    async with (
        Ear(await house.agent(gateway, "Ada", available=False)),
        Ear(house.visitor(gateway)) as visitor,
    ):
        assert isinstance(visitor.client.welcome, Welcome)
        assert visitor.client.welcome.attended is False
