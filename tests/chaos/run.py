"""One run: a scenario, a seed, a world. What comes out says whether the promise held, and how fast all came back."""

from __future__ import annotations

import asyncio
import contextlib
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from uuid import UUID

from chat.protocol.values import Kind
from tests.chaos import afterwards
from tests.chaos.auditor import Auditor
from tests.chaos.bounds import found_within, noise_s
from tests.chaos.cast import Cast
from tests.chaos.checker import Violation, violations
from tests.chaos.deadline import Hangs, within
from tests.chaos.history import (
    DEAD_CLIENT,
    DEAD_SERVER,
    History,
    Noticed,
    Outcome,
    View,
)
from tests.chaos.pace import PACES
from tests.chaos.scenarios import CALM, Scenario, Step
from tests.chaos.verdict import judged
from tests.chaos.world import World

AT_MOST_S = 300.0
"""What takes longer hangs: six times the longest scenario seen on two cores that others used as well."""
PATIENCE_S = 40.0
"""How long everything may take to come right, once nothing stands in the way."""
COMING_S = 60.0
"""How long the cast may take to come, before anything goes wrong."""
ENOUGH_S = 120.0
"""How long to go on talking for the number of messages that was asked for; a slow machine plays fewer."""
LAST_WORDS_S = 0.4
"""How long people still talk into a fault that lasts to the end."""
QUIET_S = 0.3
"""For what nobody should be sent any more."""
CRASHED, COMPLAINED, AWAY, BROKE_OFF, HUNG = "crashed", "complained", "away", "broke off", "hung"
"""A process ended by itself; a gateway logged an error that no code foresaw; a process did not come back; the run
itself could not go on; or did not come to its end."""


@dataclass(slots=True)
class Result:
    """What a run found."""

    scenario: str
    seed: int
    directory: str
    """Where the logs are."""
    faults: list[str] = field(default_factory=list)
    """What was struck, in order, with when it began and ended, in seconds."""
    violations: list[Violation] = field(default_factory=list)
    accepted: int = 0
    refused: int = 0
    abandoned: int = 0
    shown: int = 0
    voids: int = 0
    audited: int = 0
    """How many were looked up in the record at the moment when somebody knew of them."""
    people: int = 0
    """Participants and watchers."""
    reconnects: int = 0
    """Of everybody's connections, but for tabs that crashed."""
    ends: dict[str, int] = field(default_factory=dict)
    """How watchers' connections ended."""
    catch_ups: int = 0
    """How often a client found that its gateway had left something out."""
    late_s: float = 0.0
    """The longest time from a message's acceptance until a watcher was sent it."""
    recovery_s: float = 0.0
    """From the end of the last fault until everybody was shown a message that was said after it; where the last words
    fell into the fault, until everybody was shown those."""
    seconds: float = 0.0


async def run(
    scenario: Scenario,
    seed: int,
    world: World,
    *,
    messages: int,
    patience_s: float = PATIENCE_S,
    at_most_s: float = AT_MOST_S,
    noise_s: float | None = None,
) -> Result:
    """Play the scenario with this seed until all its faults were struck and ``messages`` were accepted. A run that is
    not over after ``at_most_s`` is broken, and the violation says where each task stood. ``noise_s`` comes to every
    bound in seconds; None: as this machine is."""
    began = time.monotonic()
    crashes, logs = len(world.crashes), afterwards.log_sizes(world)
    play = _Play(scenario, seed, world, messages, patience_s, noise_s)
    result = play.result
    try:
        await within(at_most_s, play.played())
        result.violations += violations(play.history)
    except Hangs as hangs:
        result.violations.append(Violation(HUNG, str(hangs)))
    except Exception as error:  # told as what it is: nobody knows whether the promise held
        result.violations.append(Violation(BROKE_OFF, "".join(traceback.format_exception(error))))
    result.violations += [Violation(CRASHED, crash) for crash in world.crashes[crashes:]]
    result.violations += [Violation(COMPLAINED, line) for line in afterwards.errors(world, logs)]
    result.seconds = time.monotonic() - began
    return result


class _Play:
    """A run under way."""

    def __init__(
        self, scenario: Scenario, seed: int, world: World, messages: int, patience_s: float, noise: float | None
    ) -> None:
        self.history = History()
        self.result = Result(scenario.name, seed, str(world.directory))
        self._pace = PACES[scenario.shape.pace]
        self._schedule = scenario.schedule(seed, len(world.nodes))
        self._to_the_end = scenario.to_the_end
        self._world = world
        self._cast = Cast(world, self.history, scenario.crew, f"{scenario.name}/{seed}")
        self._messages = messages
        self._patience_s = patience_s
        self._given_noise_s = noise

    async def played(self) -> None:
        auditor = Auditor(self.history, self._world.house.stores.messages)
        try:
            async with asyncio.timeout(COMING_S):
                await self._cast.come()
            async with auditor:
                await self._disturbed()
                await self._settled()
            for talk in self._cast.talks:
                self.history.record[talk.conversation] = await afterwards.patiently(
                    partial(afterwards.record, self._world, talk)
                )
        finally:
            await self._cast.leave()
        self._count(auditor)
        struck = [step.fault for step in self._schedule]
        self.result.violations += judged(self.result, struck, self.history, self._pace, noise_s=self._noise_s)

    async def _disturbed(self) -> None:
        """Talk through all faults, and on until everybody recovered."""
        talking = asyncio.create_task(self._cast.talk())
        striking = asyncio.create_task(self._strike())
        try:
            await asyncio.wait({talking, striking}, return_when=asyncio.FIRST_COMPLETED)
            if not striking.done():
                await talking  # broke: nobody stops talking before it was enough
            await striking
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._patience_s):
                    await talking
        finally:
            for task in (talking, striking):
                task.cancel()
            await asyncio.gather(talking, striking, return_exceptions=True)

    async def _strike(self) -> None:
        *steps, last = self._schedule or [CALM]
        began = time.monotonic()
        for step in steps:
            await self._strike_one(step, began)
        if self._to_the_end:
            await self._talked_enough()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._strike_one(last, began))
            if self._to_the_end:
                await asyncio.sleep(last.after_s + LAST_WORDS_S)
                self._cast.enough()
        self._over_at = time.monotonic()
        await self._heal()
        if not self._to_the_end:
            await _until(partial(self._is_recovered, self._over_at), self._patience_s)
            self.result.recovery_s = time.monotonic() - self._over_at
            await self._talked_enough()
        self._cast.enough()

    async def _strike_one(self, step: Step, began: float) -> None:
        await asyncio.sleep(step.after_s)
        struck = time.monotonic() - began
        await step.fault.strike(self._world, self._cast)
        if step is not CALM:
            self.result.faults.append(f"{struck:.1f}-{time.monotonic() - began:.1f} s {step.fault}")

    async def _talked_enough(self) -> None:
        await _until(lambda: len(self.history.accepted) >= self._messages, ENOUGH_S)

    async def _heal(self) -> None:
        try:
            await self._world.heal()
        except TimeoutError:
            away = [program.name for program in self._world.programs if not await program.answers()]
            self.result.violations.append(Violation(AWAY, f"not back after everything was healed: {', '.join(away)}"))

    def _is_recovered(self, over_at: float) -> bool:
        """In every conversation something was said, accepted, and shown to everybody since."""
        first: dict[UUID, int] = {}
        for sent in reversed(self.history.accepted):
            if sent.accepted_at < over_at:
                break
            if sent.said_at >= over_at:
                first[sent.conversation] = sent.seq
        return all(talk.conversation in first for talk in self._cast.live_talks) and self._have_all(first)

    async def _settled(self) -> None:
        """Everybody was shown everything; or it took too long, which the checker will tell."""
        tops = {
            talk.conversation: await afterwards.patiently(partial(afterwards.highest, self._world, talk))
            for talk in self._cast.talks
        }
        fills = self._cast.participants
        await _until(lambda: self._have_all(tops) and not any(each.is_filling for each in fills), self._patience_s)
        if self._to_the_end:
            self.result.recovery_s = time.monotonic() - self._over_at
        await self._silences_noticed()
        await asyncio.sleep(QUIET_S)

    @property
    def _noise_s(self) -> float:
        return noise_s() if self._given_noise_s is None else self._given_noise_s

    async def _silences_noticed(self) -> None:
        """Both ends of each connection that fell silent hang up; or it takes too long."""
        loop, silent = asyncio.get_running_loop(), self._cast.silent
        longest = max(found_within(what, self._pace) for what in (DEAD_SERVER, DEAD_CLIENT))
        until = max((link.silent_since for _, link in silent), default=0.0) + longest + self._noise_s
        ends = [end for _, link in silent for end in (link.near, link.far)]
        is_over = lambda: all(end.is_gone or end.hung_up_at is not None for end in ends)  # noqa: E731
        await _until(is_over, until + QUIET_S - loop.time())
        for where, link in silent:
            for what, end in ((DEAD_SERVER, link.near), (DEAD_CLIENT, link.far)):
                if end.hung_up_at is not None or not end.is_gone:  # else somebody else ended it
                    took_s = (end.hung_up_at or loop.time()) - link.silent_since
                    self.history.noticed.append(Noticed(what, where, took_s))

    def _have_all(self, tops: dict[UUID, int]) -> bool:
        """Whether everybody was shown these numbers."""
        views = [view for view in self.history.views if view.is_present]
        return all(_top(view) >= tops.get(view.conversation, 0) for view in views) and all(
            has >= tops.get(conversation, 0)
            for watcher in self._cast.watchers
            for conversation, has in watcher.positions.items()
        )

    def _count(self, auditor: Auditor) -> None:
        outcomes = Counter(sent.outcome for sent in self.history.sent)
        result, views, records = self.result, self.history.views, self.history.record.values()
        result.accepted = outcomes[Outcome.ACCEPTED]
        result.refused = outcomes[Outcome.REFUSED]
        result.abandoned = outcomes[Outcome.ABANDONED]
        result.shown = sum(len(view.shown) + len(view.asked_for) for view in views)
        result.voids = sum(entry.kind == Kind.VOID for record in records for entry in record)
        result.audited = auditor.looked_at
        strands = [strand for strand in self.history.strands if not strand.is_open]
        result.reconnects = len(strands) + sum(each.reconnects for each in self._cast.participants)
        result.people = len(self._cast.participants) + len(self._cast.watchers)
        result.catch_ups = sum(each.catch_ups for each in self._cast.participants)
        result.late_s = max(
            (late for watcher in self._cast.watchers for late in watcher.lateness(self.history)), default=0
        )
        result.ends = dict(Counter(strand.end for strand in strands))


def _top(view: View) -> int:
    return view.shown[-1].seq if view.shown else 0


async def _until(condition: Callable[[], bool], seconds: float) -> None:
    """Look until it is so, or for so long."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while not condition():  # noqa: ASYNC110 - no one event says so
                await asyncio.sleep(0.02)
