"""The life of a conversation, over two gateways and with two agents: everybody sees the same, wherever they are."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from uuid import UUID

import pytest

from chat.ids import VisitorId, next_conversation
from chat.inspection import verdict
from chat.protocol.catalogue import ENDED, NOT_ALLOWED, NOT_AN_ADDRESS, NOT_YOURS, TAKEN, Refusal
from chat.protocol.codec import JSON, MSGPACK
from chat.protocol.frames import (
    Attendance,
    Availability,
    Claim,
    ClientFrame,
    Done,
    End,
    Introduce,
    Kind,
    Mark,
    Marks,
    MarkView,
    Presence,
    Queue,
    Role,
    Snapshot,
    State,
    Typing,
    TypingNow,
    Watch,
    Welcome,
)
from gateway.client import Client, NotCarriedOut
from tests.gateway.ear import Ear
from tests.gateway.house import House, RunningGateway
from tests.gateway.waiting import until

pytestmark = pytest.mark.stores


@dataclass
class Scene:
    """A visitor and Ada on the first gateway, Bob on the second."""

    house: House
    first: RunningGateway
    second: RunningGateway
    visitor: Ear
    ada: Ear
    bob: Ear

    @property
    def here(self) -> UUID:
        return self.visitor.client.conversation

    async def begin(self, text: str = "Hello?") -> None:
        await self.visitor.client.post(self.here, text)

    async def claimed_by_bob(self) -> None:
        await self.begin()
        await self.bob.client.ask(Claim(0, self.here))


@pytest.fixture(params=[MSGPACK.subprotocol, JSON.subprotocol])
async def scene(request: pytest.FixtureRequest, house: House) -> AsyncIterator[Scene]:
    first, second = await house.gateway(), await house.gateway()
    spoken = {"subprotocol": request.param}
    async with AsyncExitStack() as stack:
        visitor = await stack.enter_async_context(Ear(house.visitor(first, **spoken)))
        ada = await stack.enter_async_context(Ear(await house.agent(first, "Ada", **spoken)))
        bob = await stack.enter_async_context(Ear(await house.agent(second, "Bob", **spoken)))
        yield Scene(house, first, second, visitor, ada, bob)


async def refusal_of(client: Client, frame: ClientFrame) -> tuple[int, str]:
    """The refusal's code and detail."""
    with pytest.raises(NotCarriedOut) as refused:
        await client.ask(frame)
    return refused.value.refused.code, refused.value.refused.detail


async def refused_post(client: Client, conversation: UUID) -> tuple[Refusal | int, str]:
    with pytest.raises(NotCarriedOut) as refused:
        await client.post(conversation, "May I?")
    return refused.value.refused.code, refused.value.refused.detail


# --- the queue -----------------------------------------------------------------------------------------------------


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


# --- claiming -------------------------------------------------------------------------------------------------------


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


# --- talking --------------------------------------------------------------------------------------------------------


async def test_both_talk_and_both_see_the_same_in_the_same_order(scene: Scene) -> None:
    await scene.claimed_by_bob()
    await scene.bob.client.post(scene.here, "Yes?")
    await scene.visitor.client.post(scene.here, "您好 👋")
    await scene.bob.client.post(scene.here, "Hello to you.")
    said = ["Hello?", "Yes?", "您好 👋", "Hello to you."]
    await scene.visitor.hears_texts(scene.here, *said)
    await scene.bob.hears_texts(scene.here, *said)
    assert scene.visitor.messages(scene.here) == scene.bob.messages(scene.here)
    assert await scene.house.record(scene.here) == scene.bob.messages(scene.here)
    assert [message.seq for message in scene.bob.messages(scene.here)] == [1, 2, 3, 4, 5]


async def test_a_colleague_may_watch_a_conversation_of_another(scene: Scene) -> None:
    await scene.claimed_by_bob()
    snapshot = await scene.ada.client.ask(Watch(0, scene.here, 0))
    assert isinstance(snapshot, Snapshot)
    assert [message.kind for message in snapshot.messages] == [Kind.TEXT, Kind.JOINED]
    await scene.bob.client.post(scene.here, "Watched.")
    await scene.ada.hears_texts(scene.here, "Hello?", "Watched.")


async def test_typing_is_shown_to_the_other_and_not_to_its_author(scene: Scene) -> None:
    await scene.claimed_by_bob()
    await scene.visitor.client.tell(Typing(0, scene.here, True))
    typing = await scene.bob.hears(TypingNow, role=Role.VISITOR)
    assert (typing.on, typing.author) == (True, _visitor_id(scene.visitor))
    await scene.bob.client.tell(Typing(0, scene.here, True))
    await scene.bob.client.tell(Typing(0, scene.here, False))
    await scene.visitor.hears(TypingNow, role=Role.AGENT, on=False)
    await scene.bob.client.post(scene.here, "Done typing.")  # what came before it has come
    await scene.bob.hears_texts(scene.here, "Hello?", "Done typing.")
    assert scene.bob.all(TypingNow, role=Role.AGENT) == []
    assert scene.visitor.all(TypingNow, role=Role.VISITOR) == []


async def test_a_colleague_who_watches_does_not_show_as_typing_or_reading(scene: Scene) -> None:
    await scene.claimed_by_bob()
    await scene.ada.client.ask(Watch(0, scene.here, 0))
    await scene.ada.client.tell(Typing(0, scene.here, True))
    await scene.ada.client.tell(Mark(0, scene.here, 2, 2))
    await scene.ada.client.ask(Watch(0, scene.here, 0))  # answered: the frames before it were worked off
    await scene.bob.client.post(scene.here, "Only me.")
    await scene.visitor.hears_texts(scene.here, "Hello?", "Only me.")
    assert scene.visitor.all(TypingNow) == []
    assert scene.visitor.all(Marks) == []


async def test_sent_delivered_read_follow_from_the_other_sides_marks(scene: Scene) -> None:
    await scene.claimed_by_bob()
    accepted = await scene.visitor.client.post(scene.here, "Read me.")
    await scene.bob.hears_texts(scene.here, "Hello?", "Read me.")  # nobody marks what their gateway has not shown yet
    assert scene.visitor.all(Marks, mark__role=Role.AGENT) == []
    await scene.bob.client.tell(Mark(0, scene.here, accepted.seq, 1))
    await scene.visitor.hears(Marks, mark=MarkView(Role.AGENT, received=accepted.seq, read=1))
    await scene.bob.client.tell(Mark(0, scene.here, accepted.seq, accepted.seq))
    await scene.visitor.hears(Marks, mark=MarkView(Role.AGENT, received=accepted.seq, read=accepted.seq))


async def test_the_highest_mark_wins_and_none_passes_what_there_is_to_read(scene: Scene) -> None:
    await scene.claimed_by_bob()
    await scene.bob.client.tell(Mark(0, scene.here, 2, 2))
    await scene.visitor.hears(Marks, mark=MarkView(Role.AGENT, received=2, read=2))
    await scene.bob.client.tell(Mark(0, scene.here, 1, 1))
    await scene.bob.client.tell(Mark(0, scene.here, 999, 0))
    await scene.bob.client.post(scene.here, "After the marks.")
    await scene.visitor.hears_texts(scene.here, "Hello?", "After the marks.")
    assert {frame.mark for frame in scene.visitor.all(Marks, mark__role=Role.AGENT)} == {MarkView(Role.AGENT, 2, 2)}
    snapshot = await scene.ada.client.ask(Watch(0, scene.here, 0))
    assert isinstance(snapshot, Snapshot)
    assert snapshot.marks == [MarkView(Role.AGENT, 2, 2)]


# --- who is there ---------------------------------------------------------------------------------------------------


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


# --- the end --------------------------------------------------------------------------------------------------------


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
    following = next_conversation(VisitorId(_visitor_id(scene.visitor)), ended)  # type: ignore[arg-type]
    assert (code, detail) == (ENDED.code, str(following))
    assert (await refused_post(scene.bob.client, ended))[0] == ENDED.code

    await client.post(following, "One more thing")
    await scene.ada.lists(following, state=State.WAITING, preview__body="One more thing")
    await scene.ada.client.ask(Claim(0, following))
    await scene.ada.client.post(following, "Go on.")
    await scene.visitor.hears_texts(following, "One more thing", "Go on.")


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


async def test_a_first_message_that_comes_too_soon_goes_by_itself_a_moment_later(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verdict, "FIRST_MESSAGE_MS", 600)
    async with Ear(scene.house.visitor(scene.first)) as hasty:
        accepted = await hasty.client.post(hasty.client.conversation, "Quick!")
        assert accepted.seq == 1
        assert isinstance(hasty.client.welcome, Welcome)
        assert accepted.at - hasty.client.welcome.now >= 590


def _visitor_id(ear: Ear) -> UUID:
    assert isinstance(ear.client.welcome, Welcome)
    return ear.client.welcome.visitor


def _attended(ear: Ear) -> bool:
    assert isinstance(ear.client.welcome, Welcome)
    return [ear.client.welcome.attended, *[frame.attended for frame in ear.all(Attendance)]][-1]
