"""An agent claims a conversation: one of them gets it, and writes in it."""

from __future__ import annotations

import asyncio

import pytest

from chat.protocol.catalogue import NOT_YOURS, TAKEN
from chat.protocol.frames import Claim, Done, Kind, Snapshot
from gateway.client import NotCarriedOut
from tests.gateway.scene import Scene, refused_post
from tests.gateway.waiting import until

pytestmark = pytest.mark.stores


async def test_of_two_agents_exactly_one_gets_the_conversation_and_the_other_is_told_who(scene: Scene) -> None:
    await scene.begin()
    answers = await asyncio.gather(
        scene.ada.client.ask(Claim(0, scene.here)),
        scene.bob.client.ask(Claim(0, scene.here)),
        return_exceptions=True,
    )
    lost = [
        (name, answer) for name, answer in zip(["Ada", "Bob"], answers, strict=True) if isinstance(answer, Exception)
    ]
    ((loser, answer),) = lost
    assert isinstance(answer, NotCarriedOut)
    winner = {"Ada": "Bob", "Bob": "Ada"}[loser]
    assert (answer.refused.code, answer.refused.detail) == (TAKEN.code, winner)
    await until(lambda: len(scene.visitor.messages(scene.here)) == 2)
    joined = scene.visitor.messages(scene.here)[1]
    assert (joined.kind, joined.body) == (Kind.JOINED, winner)


async def test_a_claim_that_is_sent_again_succeeds_again_and_joins_once(scene: Scene) -> None:
    await scene.claimed_by_bob()
    assert isinstance(await scene.bob.client.ask(Claim(0, scene.here)), Done)
    await scene.bob.client.post(scene.here, "It is me.")
    await until(lambda: len(scene.visitor.messages(scene.here)) == 3)
    assert [message.kind for message in scene.visitor.messages(scene.here)] == [Kind.TEXT, Kind.JOINED, Kind.TEXT]


async def test_whoever_claims_is_shown_what_was_said_before(scene: Scene) -> None:
    await scene.begin("It began here.")
    await scene.bob.client.ask(Claim(0, scene.here))
    snapshot = await scene.bob.hears(Snapshot)
    assert [message.body for message in snapshot.messages][:1] == ["It began here."]
    assert [person.name for person in snapshot.people] == ["Bob"]
    await scene.bob.hears_texts(scene.here, "It began here.")


async def test_only_the_agent_who_claimed_writes(scene: Scene) -> None:
    await scene.begin()
    assert await refused_post(scene.ada.client, scene.here) == (NOT_YOURS.code, "")
    await scene.bob.client.ask(Claim(0, scene.here))
    assert await refused_post(scene.ada.client, scene.here) == (NOT_YOURS.code, "")
    await scene.bob.client.post(scene.here, "Mine.")
    assert scene.ada.client.positions == {}
