"""Newcomers are shown in in turn, and told when to come back if too many wait."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

from chat.protocol.catalogue import AWAY
from chat.protocol.frames import Goodbye, Welcome
from gateway.socket.admission import RETURN_MS, Admission, Full
from tests.gateway.house import House
from tests.gateway.raw import a_hello, a_peer
from tests.gateway.waiting import until


@dataclass
class Door:
    """Somebody who holds people at the door until told otherwise."""

    admission: Admission
    opened: asyncio.Event = field(default_factory=asyncio.Event)
    inside: list[int] = field(default_factory=list)

    async def come(self, number: int) -> None:
        async with self.admission.turn():
            self.inside.append(number)
            await self.opened.wait()


async def test_so_many_at_once_and_the_others_in_the_order_they_came() -> None:
    door = Door(Admission(at_once=2, waiting=10))
    tasks = [asyncio.create_task(door.come(number)) for number in range(6)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert door.inside == [0, 1]
    door.opened.set()
    await asyncio.gather(*tasks)
    assert door.inside == [0, 1, 2, 3, 4, 5]


async def test_who_finds_the_waiting_room_full_is_told_when_to_come_back() -> None:
    door = Door(Admission(at_once=1, waiting=2))
    tasks = [asyncio.create_task(door.come(number)) for number in range(3)]
    await until(lambda: door.inside == [0])
    with pytest.raises(Full) as full:
        await door.come(3)
    assert RETURN_MS[0] <= full.value.after_ms <= RETURN_MS[1]
    door.opened.set()
    await asyncio.gather(*tasks)
    await door.come(4)
    assert door.inside == [0, 1, 2, 4]


async def test_who_gives_up_waiting_leaves_room_for_another() -> None:
    door = Door(Admission(at_once=1, waiting=1))
    first = asyncio.create_task(door.come(0))
    await until(lambda: door.inside == [0])
    second = asyncio.create_task(door.come(1))
    await asyncio.sleep(0)
    second.cancel()
    await asyncio.wait([second])
    third = asyncio.create_task(door.come(2))
    door.opened.set()
    await asyncio.gather(first, third)
    assert door.inside == [0, 2]


async def test_a_gateway_with_a_full_waiting_room_says_when_to_come_back(house: House) -> None:
    gateway = await house.gateway()
    gateway.gateway._admission = Admission(at_once=1, waiting=0)
    async with a_peer(gateway) as peer:
        peer.send(a_hello(house))
        goodbye = await peer.hears(Goodbye)
        assert (goodbye.code, goodbye.then) == (AWAY.code, "resume")
        assert RETURN_MS[0] <= goodbye.after_ms <= RETURN_MS[1]
        assert await peer.closed_with() == AWAY.code
    gateway.gateway._admission = Admission(at_once=1, waiting=1)
    async with a_peer(gateway) as peer:
        peer.send(a_hello(house))
        await peer.hears(Welcome)
