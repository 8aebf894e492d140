"""Who takes part in a run: visitors who begin conversations, agents who answer, colleagues who look on."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from random import Random
from typing import TypeVar
from uuid import UUID

from chat.protocol.frames import Hello, HelloAgent
from gateway.client import Client, agent, visitor
from gateway.socket.agent import FOLLOWED
from tests.chaos.history import History, Outcome
from tests.chaos.link import Link
from tests.chaos.participant import Console, Participant, Tab
from tests.chaos.source import Source
from tests.chaos.watcher import Greet, Watcher
from tests.chaos.widget import HASTE, Widget
from tests.chaos.world import World
from tests.gateway.house import FIREFOX, PAGE

Anybody = TypeVar("Anybody", bound=Participant)

WATCHED = 2
"""Conversations that a watcher sees as one more tab of the visitor's."""
LOOK_S = 0.05
"""Between looks at whether something happened that no one event tells."""


@dataclass(frozen=True, slots=True)
class Crew:
    """How many take part, and what they do."""

    talks: int = 8
    agents: int = 4
    pause_s: float = 0.03
    """Mean silence of each writer between bursts."""
    longest: int = 400
    """Characters of the longest texts."""
    widgets: int = 0
    """So many of the visitors are on the widget's own client; its conversations do not end."""
    late: int = 0
    """So many of the conversations begin in the middle of it all."""
    vanishing: bool = False
    """Now and then a tab crashes, with posts in it that were not accepted, and is opened again."""
    ending: bool = False
    """Conversations end after a while, and the visitor begins the next one."""


@dataclass(slots=True)
class Talk:
    """A conversation and who writes in it."""

    conversation: UUID
    writers: list[tuple[Participant, Source]] = field(default_factory=list)
    has_ended: bool = False


class Cast:
    """Everybody. What they are and what they say follows from the seed."""

    def __init__(self, world: World, history: History, crew: Crew, seed: str) -> None:
        self.history = history
        self.crew = crew
        self.talks: list[Talk] = []
        self.participants: list[Participant] = []
        self.watchers: list[Watcher] = []
        """One at each gateway, and more tabs of some visitors."""
        self.silent: list[tuple[str, Link]] = []
        """Connections of theirs that were struck dead while they were well, and through which proxy they go."""
        self._watching = AsyncExitStack()
        self._consoles: list[Console] = []
        self._world = world
        self._random = Random(f"{seed}/cast")
        self._seed = seed
        self._enough = asyncio.Event()
        self._arrived: list[tuple[Talk, Tab, Random]] = []

    # --- coming ---------------------------------------------------------------------------------------------------

    async def come(self) -> None:
        """Everybody who is not late connects and begins to talk."""
        for index in range(self.crew.agents):
            self._consoles.append(await self._console(index))
        for node in self._world.nodes:
            name, url = f"watcher at {node.program.name}", f"ws://127.0.0.1:{node.front.port}"
            await self._watcher(name, url, await self._as_colleague(), {})
        openings = [self._arrive(index) for index in range(self.crew.talks - self.crew.late)]
        self._arrived = list(await asyncio.gather(*openings))
        if not self.crew.ending:  # else the visitor goes elsewhere
            for talk, tab, random in self._arrived[:WATCHED]:
                greet = self._as_tab(talk, tab)
                await self._watcher(f"{tab.name}-watcher", self._url(random), greet, {talk.conversation: 0})

    async def leave(self) -> None:
        """Everybody hangs up."""
        await asyncio.gather(*[participant.leave() for participant in self.participants])
        await self._watching.aclose()

    async def _watcher(self, name: str, url: str, greet: Greet, positions: dict[UUID, int]) -> None:
        watcher = Watcher(name, url, greet, self.history.strands, positions)
        self.watchers.append(await self._watching.enter_async_context(watcher))

    async def _as_colleague(self) -> Greet:
        """A watcher that an agent could be, who looks on at every conversation."""
        account = await self._world.account("Watcher")

        async def greet(positions: dict[UUID, int]) -> HelloAgent:
            return HelloAgent(1, await self._world.ticket(account), list(positions.items()), False)

        return greet

    def _as_tab(self, talk: Talk, tab: Tab) -> Greet:
        """A watcher that one more tab of this visitor's could be."""

        async def greet(positions: dict[UUID, int]) -> Hello:
            position = positions[talk.conversation]
            return Hello(1, self._world.house.site.id, tab.token, PAGE, talk.conversation, position)

        return greet

    async def _console(self, index: int) -> Console:
        account = await self._world.account(name := f"Agent{index}")
        self.history.names[account.id] = name
        url = self._url(self._random)

        def make(_: Client | None) -> Client:
            return agent(url, lambda: self._world.ticket(account))

        return await self._opened(Console(f"agent-{index}", self.history, make))

    async def _tab(self, name: str, random: Random, token: str | None = None) -> Tab:
        url, site = self._url(random), self._world.house.site.id

        def make(before: Client | None) -> Client:
            known = before.token if before else token
            return visitor(url, site, page=PAGE, token=known, user_agent=FIREFOX)

        return await self._opened(Tab(name, self.history, make))

    async def _widget(self, name: str, random: Random) -> Tab:
        url, site, haste = self._url(random), self._world.house.site.id, HASTE if self._world.is_quick else 1.0
        folder = self._world.directory / f"{name}-{secrets.token_hex(4)}"
        return await self._opened(Widget(name, self.history, url, site, folder, haste))

    async def _opened(self, participant: Anybody) -> Anybody:
        await participant.open()
        self.participants.append(participant)  # from now on it may crash
        return participant

    def _url(self, random: Random) -> str:
        """One gateway's own front, or the balancer, which leads to any."""
        fronts = [node.front for node in self._world.nodes]
        return f"ws://127.0.0.1:{random.choice([*fronts, *fronts, self._world.balancer]).port}"

    async def _arrive(self, index: int) -> tuple[Talk, Tab, Random]:
        random = Random(f"{self._seed}/talk/{index}")
        tab = await (self._widget if index < self.crew.widgets else self._tab)(f"visitor-{index}", random)
        talk = await self._begin(tab, tab.conversation, self._source(tab), random)
        if not self.crew.ending and random.random() < 0.4:
            second = await self._tab(f"{tab.name}-tab-2", random, tab.token)
            talk.writers.append((second, self._source(second)))
        return talk, tab, random

    async def _begin(self, tab: Tab, conversation: UUID, source: Source, random: Random) -> Talk:
        """The first message, and an agent who claims; perhaps a colleague who looks on."""
        tab.follow(conversation)
        first = await tab.post(conversation, source.burst()[0])
        while first.outcome is Outcome.ABANDONED:  # the tab crashed over it
            first = await tab.post(conversation, source.burst()[0])
        assert first.outcome is Outcome.ACCEPTED, f"{tab.name} could not begin {conversation}: {first.why}"
        owner, *others = random.sample(self._consoles, len(self._consoles))
        await owner.claim(conversation)
        if others and random.random() < 0.4:
            await others[0].look_on(conversation)
        for watcher in self.watchers[: len(self._world.nodes)]:
            watcher.watch(conversation)
        talk = Talk(conversation, [(tab, source), (owner, self._source(owner, str(conversation)))])
        self.talks.append(talk)
        return talk

    def _source(self, participant: Participant, detail: str = "") -> Source:
        name = f"{participant.name}/{detail[-4:]}"
        random = Random(f"{self._seed}/source/{name}")
        return Source(name, random, pause_s=self.crew.pause_s, longest=self.crew.longest)

    # --- talking --------------------------------------------------------------------------------------------------

    async def talk(self) -> None:
        """Everybody writes until ``enough``; returns when all that was said is answered."""
        async with asyncio.TaskGroup() as tasks:
            for talk, tab, random in self._arrived:
                tasks.create_task(self._live(talk, tab, random))
            for index in range(self.crew.talks - self.crew.late, self.crew.talks):
                tasks.create_task(self._come_late(index))
            if self.crew.vanishing:
                tasks.create_task(self._vanish())

    def enough(self) -> None:
        """Nobody begins anything more."""
        self._enough.set()

    @property
    def live_talks(self) -> list[Talk]:
        """Those in which people write."""
        return [talk for talk in self.talks if not talk.has_ended]

    async def _come_late(self, index: int) -> None:
        await self._waited(Random(f"{self._seed}/late/{index}").uniform(0.0, 8.0))
        if not self._enough.is_set():
            await self._live(*await self._arrive(index))

    async def _live(self, talk: Talk, tab: Tab, random: Random) -> None:
        """One visitor's conversations, one after the other, as many as a console can follow in all."""
        while True:
            async with self._writing(talk):
                may_end = self.crew.ending and len(self.talks) + self.crew.talks < FOLLOWED
                await self._waited(random.uniform(1.0, 6.0) if may_end else None)
                if not self._enough.is_set():
                    await talk.writers[random.randrange(2)][0].end(talk.conversation)
                    talk.has_ended = True
                    tab.over |= {talk.conversation}
            if self._enough.is_set() or (following := await self._following(talk, tab)) is None:
                return
            tab.unfollow(talk.conversation)
            talk = await self._begin(tab, following, talk.writers[0][1], random)

    @asynccontextmanager
    async def _writing(self, talk: Talk) -> AsyncIterator[None]:
        """Its writers write meanwhile."""
        async with asyncio.TaskGroup() as tasks:
            for writer, source in talk.writers:
                tasks.create_task(writer.talk(talk.conversation, source, until=self._enough.is_set))
            yield

    async def _following(self, talk: Talk, tab: Tab) -> UUID | None:
        """Where the visitor goes on: it has seen the end, writes all the same, and is told."""
        while not tab.sees_the_end(talk.conversation) and not tab.elsewhere:
            if self._enough.is_set():
                return None
            await asyncio.sleep(LOOK_S)
        while not self._enough.is_set():
            if tab.elsewhere:
                return tab.elsewhere
            refused = await tab.post(talk.conversation, talk.writers[0][1].burst()[0])
            if refused.following is not None:
                return refused.following
            await asyncio.sleep(LOOK_S)  # what is answered at once would leave nobody else a turn
        return None

    async def _waited(self, seconds: float | None) -> None:
        """So long, or for ever; but no longer than until it is enough."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._enough.wait()

    async def _vanish(self) -> None:
        random = Random(f"{self._seed}/vanishing")
        while not self._enough.is_set():
            await self._waited(random.uniform(0.2, 1.0))
            await random.choice(self.participants).vanish()
