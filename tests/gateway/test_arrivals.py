"""What a visitor is told of a message that waits: that it arrived at a console, and not that somebody looked at it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from chat.protocol.frames import Claim, Mark, Marks, MarkView, Role, Snapshot, State, Watch
from tests.gateway.house import House
from tests.gateway.scene import Scene, a_scene
from tests.gateway.waiting import until

pytestmark = pytest.mark.stores


@pytest.fixture
async def waiting(house: House) -> AsyncIterator[Scene]:
    """The visitor waits, and both agents' lists show it."""
    async with a_scene(house) as waiting:
        await waiting.begin("Anybody there?")
        for agent in (waiting.ada, waiting.bob):
            await agent.lists(waiting.here, preview__body="Anybody there?")
        yield waiting


async def test_it_is_received_once_a_console_says_so_and_never_read(waiting: Scene) -> None:
    await waiting.bob.client.tell(Mark(0, waiting.here, 99, 99))
    await waiting.visitor.hears(Marks, mark=MarkView(Role.AGENT, received=1, read=0))
    snapshot = await waiting.ada.client.ask(Watch(0, waiting.here, 0))
    assert isinstance(snapshot, Snapshot)
    assert snapshot.marks == [MarkView(Role.AGENT, received=1, read=0)]


async def test_what_every_console_says_is_told_once_by_each_gateway(waiting: Scene) -> None:
    for _ in range(3):
        await waiting.ada.client.tell(Mark(0, waiting.here, 1, 0))
    await waiting.visitor.client.post(waiting.here, "Hello?")
    await waiting.ada.lists(waiting.here, preview__body="Hello?")
    await waiting.ada.client.tell(Mark(0, waiting.here, 2, 0))
    await waiting.visitor.hears(Marks, mark=MarkView(Role.AGENT, received=2, read=0))
    assert waiting.told() == [MarkView(Role.AGENT, 1, 0), MarkView(Role.AGENT, 2, 0)]


async def test_who_looks_at_what_waits_tells_nothing_of_it_and_who_claimed_it_does(waiting: Scene) -> None:
    await waiting.ada.client.ask(Watch(0, waiting.here, 0))
    await waiting.ada.client.tell(Mark(0, waiting.here, 1, 1))
    await waiting.visitor.hears(Marks, mark=MarkView(Role.AGENT, received=1, read=0))
    await waiting.bob.client.ask(Claim(0, waiting.here))
    await waiting.ada.lists(waiting.here, state=State.ACTIVE)
    await waiting.ada.client.tell(Mark(0, waiting.here, 2, 2))
    await waiting.bob.client.tell(Mark(0, waiting.here, 1, 1))
    await until(lambda: MarkView(Role.AGENT, received=1, read=1) in waiting.told())
    assert waiting.told()[-1] == MarkView(Role.AGENT, received=1, read=1)


async def test_nobody_marks_what_is_not_in_their_list(waiting: Scene) -> None:
    await waiting.ada.client.tell(Mark(0, UUID(int=7), 1, 1))
    await waiting.ada.client.tell(Mark(0, waiting.here, 0, 0))
    await waiting.ada.client.tell(Mark(0, waiting.here, 1, 0))
    await until(waiting.told)
    assert waiting.told() == [MarkView(Role.AGENT, received=1, read=0)]
