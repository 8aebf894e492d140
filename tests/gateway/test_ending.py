"""A conversation ends for everybody, and the next one begins."""

from __future__ import annotations

from uuid import UUID

import pytest

from chat.ids import VisitorId, next_conversation
from chat.protocol.catalogue import ENDED, NOT_ALLOWED
from chat.protocol.facts import Changed, decode_fact
from chat.protocol.frames import Claim, Done, End, Kind, State, Welcome
from gateway.client import Client, NotCarriedOut
from gateway.socket import server
from tests.gateway.ear import Ear
from tests.gateway.fated import Talk
from tests.gateway.scene import Scene, refusal_of, refused_post, visitor_id
from tests.gateway.waiting import until

pytestmark = pytest.mark.stores


@pytest.mark.parametrize("ender", ["visitor", "bob"])
async def test_either_side_ends_it_for_both_and_twice_is_once(scene: Scene, ender: str) -> None:
    await scene.claimed_by_bob()
    client: Client = getattr(scene, ender).client
    assert isinstance(await client.ask(End(0, scene.here)), Done)
    assert isinstance(await client.ask(End(0, scene.here)), Done)
    for ear in (scene.visitor, scene.bob):
        await until(lambda ear=ear: len(ear.messages(scene.here)) == 3)  # type: ignore[misc]
        assert [message.kind for message in ear.messages(scene.here)] == [Kind.TEXT, Kind.JOINED, Kind.ENDED]
    assert [message.kind for message in await scene.house.record(scene.here)] == [Kind.TEXT, Kind.JOINED, Kind.ENDED]


async def test_a_colleague_cannot_end_it(scene: Scene) -> None:
    await scene.claimed_by_bob()
    assert (await refusal_of(scene.ada.client, End(0, scene.here)))[0] == NOT_ALLOWED.code


async def test_after_the_end_the_refusal_names_the_next_conversation_which_works_at_once(scene: Scene) -> None:
    await scene.claimed_by_bob()
    ended, client = scene.here, scene.visitor.client
    await client.ask(End(0, ended))
    code, detail = await refused_post(client, ended)
    following = next_conversation(VisitorId(visitor_id(scene.visitor)), ended)  # type: ignore[arg-type]
    assert (code, detail) == (ENDED.code, str(following))
    assert (await refused_post(scene.bob.client, ended))[0] == ENDED.code

    await client.post(following, "One more thing")
    await scene.ada.lists(following, state=State.WAITING, preview__body="One more thing")
    await scene.ada.client.ask(Claim(0, following))
    await scene.ada.client.post(following, "Go on.")
    await scene.visitor.hears_texts(following, "One more thing", "Go on.")


async def test_an_agent_who_did_not_claim_it_is_told_that_it_has_ended_and_not_to_claim_it(scene: Scene) -> None:
    await scene.claimed_by_bob()
    await scene.visitor.client.ask(End(0, scene.here))
    assert await refused_post(scene.ada.client, scene.here) == (ENDED.code, "")
    assert await refused_post(scene.bob.client, scene.here) == (ENDED.code, "")
    assert await refusal_of(scene.ada.client, Claim(0, scene.here)) == (ENDED.code, "")


async def test_after_the_end_the_next_welcome_names_the_next_conversation(scene: Scene) -> None:
    await scene.begin()
    ended, client = scene.here, scene.visitor.client
    await client.ask(End(0, ended))
    _, detail = await refused_post(client, ended)
    async with Ear(scene.house.visitor(scene.second, token=client.token)) as again:
        assert isinstance(again.client.welcome, Welcome)
        assert (str(again.client.conversation), again.client.welcome.state) == (detail, State.NEW)
        await again.client.post(again.client.conversation, "Back again")
        await scene.bob.lists(again.client.conversation, preview__body="Back again")


async def test_after_the_end_nothing_is_said_even_when_redis_forgot_that_it_ended(talk: Talk) -> None:
    talk.bus.fate = lambda item: [] if item and isinstance(decode_fact(item[1]), Changed) else [item]
    await talk.speaker.client.ask(End(0, talk.here))
    await until(lambda: talk.onlooker.messages(talk.here)[-1].kind is Kind.ENDED)
    await talk.house.stores.numbers._turn.ask("FLUSHDB")
    with pytest.raises(NotCarriedOut) as refused:
        await talk.speaker.client.post(talk.here, "One more thing")
    assert refused.value.refused.code == ENDED.code
    assert [message.kind for message in await talk.house.record(talk.here)][-1] is Kind.ENDED


async def test_after_the_end_nothing_is_said_where_redis_forgot_it_and_the_gateway_has_not_heard_of_it(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the fact came nor a position check; the numbering begins anew, and takes the end from the record."""
    monkeypatch.setattr(server, "CHECK_S", 3_600)
    await talk.says("1")
    await talk.onlooker.hears_texts(talk.here, "0", "1")
    talk.bus.fate = lambda _: []
    await talk.speaker.client.ask(End(0, talk.here))
    for _ in range(2):
        await talk.house.stores.numbers._turn.ask("FLUSHDB")
        code, _ = await refused_post(talk.onlooker.client, talk.here)
        assert code == ENDED.code
    assert [message.kind for message in await talk.house.record(talk.here)][-1] is Kind.ENDED


async def test_who_is_told_where_to_go_on_may_go_on_though_this_gateway_has_not_heard_of_the_end(talk: Talk) -> None:
    """The numbering knows of the end before the fact has come."""
    talk.bus.fate = lambda _: []
    await talk.speaker.client.ask(End(0, talk.here))
    with pytest.raises(NotCarriedOut) as refusal:
        await talk.onlooker.client.post(talk.here, "Wait!")
    assert refusal.value.refused.code == ENDED.code
    following = UUID(refusal.value.refused.detail)
    assert (await talk.onlooker.client.post(following, "One more thing")).seq == 1
