"""Who is there: agents for each other, and whether anybody is for visitors."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chat.protocol.frames import Attendance, Availability, Presence, Welcome
from gateway.socket import server, workplaces
from gateway.socket.agent import Agent
from tests.clock import ManualClock
from tests.gateway.ear import Ear
from tests.gateway.house import House, RunningGateway
from tests.gateway.scene import Scene
from tests.gateway.waiting import until

pytestmark = pytest.mark.stores


async def test_agents_see_each_other_come_change_and_go_on_both_gateways(scene: Scene) -> None:
    cyd = Ear(await scene.house.agent(scene.second, "Cyd"))
    async with cyd:
        for agent in (scene.ada, scene.bob):
            await agent.hears(Presence, person__name="Cyd", online=True, person__available=True)
        await cyd.client.ask(Availability(0, False))
        for agent in (scene.ada, scene.bob):
            await agent.hears(Presence, person__name="Cyd", online=True, person__available=False)
    for agent in (scene.ada, scene.bob):
        await agent.hears(Presence, person__name="Cyd", online=False)


async def test_visitors_see_whether_anybody_takes_conversations(scene: Scene) -> None:
    assert isinstance(scene.visitor.client.welcome, Welcome)
    await scene.ada.client.ask(Availability(0, False))
    await scene.bob.client.ask(Availability(0, False))
    await until(lambda: [frame.attended for frame in scene.visitor.all(Attendance)][-1:] == [False])
    async with Ear(scene.house.visitor(scene.second)) as another:
        assert isinstance(another.client.welcome, Welcome)
        await until(lambda: _attended(another) is False)
    await scene.bob.client.ask(Availability(0, True))
    await until(lambda: _attended(scene.visitor) is True)


def _attended(ear: Ear) -> bool:
    assert isinstance(ear.client.welcome, Welcome)
    return [ear.client.welcome.attended, *[frame.attended for frame in ear.all(Attendance)]][-1]


async def test_presence_that_changes_while_it_is_read_is_shown_as_it_is_in_the_end(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workplaces, "CHECK_S", 3_600)
    gateway = await house.gateway()
    async with Ear(house.visitor(gateway)) as visitor, Ear(await house.agent(gateway)) as agent:
        for on in (False, True) * 6 + (False,):
            gateway.gateway.workplaces.presence_changed(house.workspace.id)
            party = _agent_of(gateway)
            await gateway.stores.presence.touch(
                house.workspace.id, party.sign_in.account, party._connection_name, available=on
            )
            gateway.gateway.workplaces.presence_changed(house.workspace.id)
            gateway.gateway.workplaces.presence_changed(house.workspace.id)
        await until(lambda: [frame.attended for frame in visitor.all(Attendance)][-1:] == [False])
        await until(lambda: [frame.person.available for frame in agent.all(Presence)][-1:] == [False])


async def test_whoever_reloads_within_a_moment_was_never_gone(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = ManualClock()
    monkeypatch.setattr(server, "CHECK_S", 0.01)
    gateway = await house.gateway(change=lambda parts: replace(parts, clock=clock))
    bob = await house.account("Bob")
    async with Ear(await house.agent(gateway)) as ada, Ear(house.visitor(gateway)) as visitor:
        await ada.client.ask(Availability(0, False))
        await until(lambda: [frame.attended for frame in visitor.all(Attendance)] in ([False], [True, False]))
        async with Ear(house.agent_of(gateway, bob)):
            await ada.hears(Presence, person__name="Bob", online=True)
        feeds = gateway.gateway.feeds
        await until(lambda: len(gateway.gateway._connections) == 2)
        checked = feeds.checks
        await until(lambda: feeds.checks >= checked + 5)
        assert ada.all(Presence, person__name="Bob", online=False) == []
        clock.advance(workplaces.DEPARTURE_S - 1)
        async with Ear(house.agent_of(gateway, bob)):
            clock.advance(2)
            await until(lambda: not gateway.gateway.workplaces._departures)
            await ada.client.ask(Availability(0, False))
            assert ada.all(Presence, person__name="Bob", online=False) == []
        await until(lambda: gateway.gateway.workplaces._departures)
        clock.advance(workplaces.DEPARTURE_S + 1)
        await ada.hears(Presence, person__name="Bob", online=False)


def _agent_of(gateway: RunningGateway) -> Agent:
    (party,) = [c.party for c in gateway.gateway._connections if isinstance(c.party, Agent)]
    return party
