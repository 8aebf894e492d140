"""What a gateway keeps of conversations: as long as somebody follows them, and no longer."""

from __future__ import annotations

from uuid import uuid4

import pytest

from chat.errors import Unavailable
from chat.ids import ConversationId, Seq
from chat.protocol.frames import Claim
from gateway.socket import feeds as feeds_module
from gateway.socket import server, workplaces
from gateway.socket.party import Party
from tests.gateway.ear import Ear
from tests.gateway.house import House
from tests.gateway.waiting import until

pytestmark = pytest.mark.stores


async def test_feeds_queues_and_subscriptions_are_forgotten_after_the_last_follower(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module, name, value in (
        (feeds_module, "GRACE_S", 0.01),
        (server, "CHECK_S", 0.01),
        (workplaces, "CHECK_S", 0.01),
    ):
        monkeypatch.setattr(module, name, value)
    monkeypatch.setattr(workplaces, "DEPARTURE_S", 0.0)
    gateway = await house.gateway()
    for _ in range(3):
        async with Ear(house.visitor(gateway)) as visitor, Ear(await house.agent(gateway, f"A{_}")) as agent:
            await visitor.client.post(visitor.client.conversation, "Hello?")
            await agent.client.ask(Claim(0, visitor.client.conversation))
    places = gateway.gateway.workplaces
    await until(lambda: not (gateway.gateway.feeds._entries or places._lobbies or places._attendances))
    assert not places._openings
    await until(lambda: list(gateway.stores.bus._wanted) == ["all"])


async def test_joins_that_fail_leave_nothing_behind(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds_module, "GRACE_S", 0.01)
    monkeypatch.setattr(server, "CHECK_S", 0.01)
    gateway = await house.gateway()
    feeds = gateway.gateway.feeds

    async def away(*_: object) -> None:
        raise Unavailable("not now")

    monkeypatch.setattr(gateway.stores.bus, "subscribe", away)
    monkeypatch.setattr(gateway.stores.numbers, "tops", away)
    for _ in range(5):
        with pytest.raises(Unavailable):
            await feeds.join(ConversationId(uuid4()))
    await until(lambda: not feeds._entries)


async def test_a_feed_that_was_given_up_while_somebody_joined_is_not_followed(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds_module, "GRACE_S", 0.0)
    monkeypatch.setattr(server, "CHECK_S", 3_600)
    gateway = await house.gateway()
    feeds = gateway.gateway.feeds
    feed = await feeds.join(ConversationId(uuid4()))
    await feeds.forget_abandoned()
    async with Ear(house.visitor(gateway)) as visitor:
        party = next(iter(gateway.gateway._connections)).party
        assert isinstance(party, Party)
        with pytest.raises(Unavailable):
            feeds.follow(feed, party, Seq(0))
        assert visitor.client.connects == 1
