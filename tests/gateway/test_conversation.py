"""Talking in a conversation, over two gateways: everybody sees the same, wherever they are."""

from __future__ import annotations

import pytest

from chat.inspection import verdict
from chat.protocol.frames import Kind, Mark, Marks, MarkView, Role, Snapshot, Typing, TypingNow, Watch, Welcome
from tests.gateway.ear import Ear
from tests.gateway.scene import Scene, visitor_id

pytestmark = pytest.mark.stores


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
    assert (typing.on, typing.author) == (True, visitor_id(scene.visitor))
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
    assert scene.told() == []
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
    assert set(scene.told()) == {MarkView(Role.AGENT, 2, 2)}
    snapshot = await scene.ada.client.ask(Watch(0, scene.here, 0))
    assert isinstance(snapshot, Snapshot)
    assert snapshot.marks == [MarkView(Role.AGENT, 2, 2)]


async def test_a_first_message_that_comes_too_soon_goes_by_itself_a_moment_later(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verdict, "FIRST_MESSAGE_MS", 600)
    async with Ear(scene.house.visitor(scene.first)) as hasty:
        accepted = await hasty.client.post(hasty.client.conversation, "Quick!")
        assert accepted.seq == 1
        assert isinstance(hasty.client.welcome, Welcome)
        assert accepted.at - hasty.client.welcome.now >= 590
