"""What agents have in their queue, on every gateway, and how it comes right when something was lost."""

from __future__ import annotations

import pytest

from chat.errors import Unavailable
from chat.model import Conversation
from chat.protocol.catalogue import NOT_AN_ADDRESS
from chat.protocol.facts import presence_topic
from chat.protocol.frames import Claim, Done, End, Introduce, Queue, State
from gateway.socket import workplaces
from tests.gateway.ear import Ear
from tests.gateway.fated import fated_gateway
from tests.gateway.house import House
from tests.gateway.scene import Scene, refusal_of

pytestmark = pytest.mark.stores


# --- what is in it --------------------------------------------------------------------------------------------------


async def test_a_first_message_appears_in_every_agents_queue_on_both_gateways(scene: Scene) -> None:
    accepted = await scene.visitor.client.post(scene.here, "Do you ship to Jersey?")
    assert accepted.seq == 1
    for agent in (scene.ada, scene.bob):
        view = await agent.lists(scene.here, preview__body="Do you ship to Jersey?", state=State.WAITING)
        assert (view.top, view.agent, view.site) == (1, None, scene.house.site.name)
        assert view.visitor is not None
        assert (view.visitor.page_title, view.visitor.browser, view.visitor.timezone) == (
            "Cart",
            "Firefox 145",
            "Europe/London",
        )


async def test_while_a_conversation_waits_the_queue_shows_what_was_said_last(scene: Scene) -> None:
    await scene.begin("First")
    await scene.visitor.client.post(scene.here, "Second")
    for agent in (scene.ada, scene.bob):
        await agent.lists(scene.here, preview__body="Second", top=2)


async def test_an_agent_who_comes_later_finds_the_queue_as_it_is(scene: Scene) -> None:
    await scene.begin("Anybody?")
    await scene.bob.lists(scene.here, preview__body="Anybody?")
    async with Ear(await scene.house.agent(scene.second, "Cyd")) as cyd:
        queue = await cyd.hears(Queue)
    assert [view.conversation for view in queue.conversations] == [scene.here]
    assert [person.name for person in queue.people] == ["Ada", "Bob", "Cyd"]


async def test_every_agents_queue_tells_who_claimed_and_that_it_ended(scene: Scene) -> None:
    await scene.claimed_by_bob()
    for agent in (scene.ada, scene.bob):
        await agent.lists(scene.here, state=State.ACTIVE, agent__name="Bob")
    await scene.bob.client.ask(End(0, scene.here))
    for agent in (scene.ada, scene.bob):
        await agent.lists(scene.here, state=State.ENDED)
    async with Ear(await scene.house.agent(scene.first, "Cyd")) as cyd:
        queue = await cyd.hears(Queue)
    assert queue.conversations == []
    assert [view.conversation for view in queue.ended] == [scene.here]


async def test_a_claim_and_an_end_leave_the_last_words_in_the_queue_for_who_is_there_and_who_comes_later(
    scene: Scene,
) -> None:
    await scene.begin("Does it need much light?")
    await scene.bob.client.ask(Claim(0, scene.here))
    for agent in (scene.ada, scene.bob):
        await agent.lists(scene.here, state=State.ACTIVE, preview__body="Does it need much light?")
    await scene.bob.client.post(scene.here, "Very little.")
    await scene.bob.client.ask(End(0, scene.here))
    for agent in (scene.ada, scene.bob):
        await agent.lists(scene.here, state=State.ENDED, preview__body="Very little.")
    third = await scene.house.gateway()
    async with Ear(await scene.house.agent(third, "Cyd")) as cyd:
        await cyd.lists(scene.here, state=State.ENDED, top=4, preview__body="Very little.")


async def test_a_visitor_who_introduces_themselves_is_named_in_the_queue(scene: Scene) -> None:
    await scene.begin()
    client = scene.visitor.client
    assert isinstance(await client.ask(Introduce(0, "  Wanda Nutt ", "wanda@nutt.example")), Done)
    for agent in (scene.ada, scene.bob):
        await agent.lists(scene.here, visitor__name="Wanda Nutt", visitor__email="wanda@nutt.example")
    assert (await refusal_of(client, Introduce(0, "Wanda", "wanda at nutt")))[0] == NOT_AN_ADDRESS.code
    assert isinstance(await client.ask(Introduce(0, "", "w@nutt.example")), Done)
    for agent in (scene.ada, scene.bob):
        await agent.lists(scene.here, visitor__name="Wanda Nutt", visitor__email="w@nutt.example")


# --- what was lost --------------------------------------------------------------------------------------------------


async def test_a_lost_change_is_found_in_the_queue_by_the_periodic_check(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workplaces, "CHECK_S", 0.05)
    good = await house.gateway()
    gateway, bus = await fated_gateway(house)
    bus.fate = lambda item: [] if item and item[0].startswith("w:") else [item]
    async with Ear(house.visitor(good)) as visitor, Ear(await house.agent(gateway)) as agent:
        here = visitor.client.conversation
        await visitor.client.post(here, "Anybody?")
        await agent.lists(here, state=State.WAITING)
        await visitor.client.ask(End(0, here))
        await agent.lists(here, state=State.ENDED)


async def test_a_change_that_could_not_be_read_when_it_came_is_shown_later(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workplaces, "CHECK_S", 0.05)
    gateway = await house.gateway()
    views = gateway.gateway.parts.views
    for_agents, failures = views.for_agents, list[int]()

    async def failing_once(conversations: list[Conversation]) -> object:
        if len(failures) < 1:
            failures.append(1)
            raise Unavailable("not now")
        return await for_agents(conversations)

    async with Ear(house.visitor(gateway)) as visitor, Ear(await house.agent(gateway)) as agent:
        here = visitor.client.conversation
        await visitor.client.post(here, "Anybody?")
        await agent.lists(here, preview__body="Anybody?")
        for frame, wanted in (
            (Introduce(0, "Wanda", ""), {"visitor__name": "Wanda"}),
            (End(0, here), {"state": State.ENDED}),
        ):
            failures.clear()
            monkeypatch.setattr(views, "for_agents", failing_once)
            await visitor.client.ask(frame)
            await agent.lists(here, **wanted)
            assert failures == [1]


async def test_after_a_lost_connection_of_the_bus_the_queue_shows_the_latest_texts(house: House) -> None:
    good = await house.gateway()
    gateway, bus = await fated_gateway(house)
    async with Ear(house.visitor(good)) as visitor, Ear(await house.agent(gateway)) as agent:
        here = visitor.client.conversation
        await visitor.client.post(here, "first")
        await agent.lists(here, preview__body="first")
        bus.fate = lambda item: [] if item and item[0].startswith("w:") else [item]
        await visitor.client.post(here, "second")
        bus.fate = lambda item: [None, item]
        await house.stores.bus.publish(presence_topic(house.workspace.id), b"anything")
        await agent.lists(here, preview__body="second")
