"""Somebody in a run: a client of the product, what it says, and a diary of what it is shown."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from uuid import UUID

from chat.clock import SystemClock, new_id
from chat.protocol.catalogue import Then
from chat.protocol.frames import (
    Claim,
    ClientFrame,
    End,
    Message,
    ServerFrame,
    Snapshot,
    Watch,
    Welcome,
)
from chat.protocol.frames import History as HistoryPage
from chat.protocol.values import Kind, Role
from gateway.client import Client, Closed, NotCarriedOut
from gateway.client.client import NOWHERE
from tests.chaos.history import History, Outcome, Sent, View, entry
from tests.chaos.source import Source

AGAIN_S = 0.2
"""Between tries of a question that found no answer."""
TURN_S = 0.05
"""After a post that was not even sent."""


class Participant:
    """A visitor's tab or an agent's console. ``vanish`` closes it, with all that waits in it, and opens it anew."""

    def __init__(self, name: str, history: History, make: Callable[[Client | None], Client]) -> None:
        """``make`` is given the client before, whose token a browser would have kept."""
        self.name = name
        self.history = history
        self.client: Client
        self.views: dict[UUID, View] = {}
        """By conversation, since it was last opened."""
        self._make = make
        self._before: Client | None = None
        self.catch_ups = 0
        """How often a client found that its gateway had left something out."""
        self._reconnects = 0
        self._opened = 0
        self._is_gone = False
        self._coming = asyncio.Lock()
        self._reader: asyncio.Task[None] | None = None
        self._fills: dict[UUID, asyncio.Task[None]] = {}
        self._told_over: set[UUID] = set()
        """Conversations that were said to have ended when something was to be said in them."""

    async def open(self) -> None:
        """Connect; returns once welcomed."""
        self._opened += 1
        self._counted()
        self.client = self._before = self._make(self._before)
        self._count_catch_ups(self.client)
        self._reader = asyncio.create_task(self._read())
        try:
            await self.client.__aenter__()
        except BaseException:
            await self._close()
            raise

    def _counted(self) -> None:
        """Keep what the client before knew of its connections."""
        if self._before is not None:
            self._reconnects += max(0, self._before.connects - 1)

    def _count_catch_ups(self, client: Client) -> None:
        catch_up = client._catch_up

        async def counted(conversation: UUID) -> None:
            self.catch_ups += 1
            await catch_up(conversation)

        client._catch_up = counted  # type: ignore[method-assign]

    @property
    def reconnects(self) -> int:
        """Connections beyond each client's first, so far."""
        return self._reconnects + max(0, self.client.connects - 1)

    async def leave(self) -> None:
        """Go away for good."""
        self._is_gone = True
        await self._close()

    async def vanish(self) -> None:
        """As a crashed tab that is opened again: it remembers who it was, and nothing that it held."""
        async with self._coming:  # one crash at a time
            await self._close()
            for conversation in list(self.views):
                self.unfollow(conversation)
            await self.open()

    async def _close(self) -> None:
        await self.client.close()  # what was not accepted is not sent any more
        for task in (*self._fills.values(), self._reader):
            if task is not None:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
        self._fills.clear()

    # --- what it is shown -----------------------------------------------------------------------------------------

    def follow(self, conversation: UUID) -> View:
        """Everything in it is to be shown here, from the first message on."""
        view = self.views.get(conversation)
        if view is None:
            view = self.views[conversation] = View(f"{self.name}#{self._opened}", conversation)
            self.history.views.append(view)
        return view

    def unfollow(self, conversation: UUID) -> None:
        """What comes after this need not be shown here."""
        view = self.views.pop(conversation, None)
        if view is not None:  # else a crash took it
            view.is_present = False

    async def _read(self) -> None:
        async for frame in self.client:
            self._received(frame)

    def _received(self, frame: ServerFrame) -> None:
        match frame:
            case Message():
                view = self.follow(frame.conversation)
                view.shown.append(entry(frame.message))
            case Snapshot() if not frame.recovered and frame.messages:
                view = self.follow(frame.conversation.conversation)
                view.fresh_starts.add(frame.messages[0].seq)
                if view.conversation not in self._fills and not _is_whole(view):
                    self._fills[view.conversation] = asyncio.create_task(self._fill(view))
            case _:
                pass

    async def _fill(self, view: View) -> None:
        """Ask for older messages until there is none below that was not shown."""
        try:
            while missing := _last_missing(view):
                page = await self.ask(HistoryPage(0, view.conversation, missing + 1))
                assert isinstance(page, Snapshot)
                view.asked_for.update((message.seq, entry(message)) for message in page.messages)
        except Closed:
            return  # it crashes or leaves: nobody looks any more
        finally:
            self._fills.pop(view.conversation, None)

    @property
    def is_filling(self) -> bool:
        """Whether older messages are still being asked for."""
        return bool(self._fills)

    # --- what it does ---------------------------------------------------------------------------------------------

    async def ask(self, frame: ClientFrame) -> ServerFrame:
        """Ask until it is answered, through any number of connections and crashes of this tab. Raises Closed when it
        was closed for good, NotCarriedOut when it was refused for good."""
        while True:
            try:
                return await self.client.ask(frame)
            except (ConnectionError, TimeoutError):
                await asyncio.sleep(AGAIN_S)
            except Closed as closed:
                if closed.code or self._is_gone:
                    raise
                await asyncio.sleep(AGAIN_S)
            except NotCarriedOut as refusal:
                if refusal.refused.then != Then.RETRY:
                    raise
                await asyncio.sleep((refusal.refused.retry_after_ms or 1000) / 1000)

    async def post(self, conversation: UUID, text: str) -> Sent:
        """Say it; returns once it is known what became of it."""
        sent = Sent(self.name, conversation, new_id(SystemClock()), text, said_at=time.monotonic())
        self.history.sent.append(sent)
        try:
            accepted = await self.client.post(conversation, text, client_id=sent.client_id)
            sent.seq, sent.at, (sent.role, sent.author) = accepted.seq, accepted.at, self._identity()
            sent.outcome, sent.accepted_at = Outcome.ACCEPTED, time.monotonic()
            self.history.accepted.append(sent)
        except NotCarriedOut as refusal:
            sent.outcome, sent.why = Outcome.REFUSED, refusal.refused.text
            sent.was_late = refusal.refused.then == Then.NEXT
            if sent.was_late:
                self._told_over.add(conversation)
            sent.following = UUID(refusal.refused.detail) if refusal.refused.detail else None
        except Closed as closed:
            sent.outcome = Outcome.ABANDONED
            if closed.code:
                raise  # no server has a reason to send anybody of this cast away
            await asyncio.sleep(TURN_S)  # a closed client says so at once: who tries again would leave nobody a turn
        return sent

    def _identity(self) -> tuple[Role, UUID | None]:
        """Who this is, by the last welcome."""
        welcome = self.client.welcome
        if isinstance(welcome, Welcome):
            return Role.VISITOR, welcome.visitor
        return Role.AGENT, welcome.me.account if welcome else None

    def knows_the_end(self, conversation: UUID) -> bool:
        """Whether its end was shown here, or told by a refusal."""
        return self.sees_the_end(conversation) or conversation in self._told_over

    def sees_the_end(self, conversation: UUID) -> bool:
        """Whether its end was shown here."""
        view = self.views.get(conversation)
        return view is not None and bool(view.shown) and view.shown[-1].kind == Kind.ENDED

    async def end(self, conversation: UUID) -> None:
        """End it for both sides; somebody else may have done so."""
        with contextlib.suppress(NotCarriedOut):
            await self.ask(End(0, conversation))

    async def talk(self, conversation: UUID, source: Source, *, until: Callable[[], bool]) -> None:
        """Say what the source gives, one burst after the other, ``until`` it is enough or the end is known here: who
        was not shown it goes on."""
        while not until() and not self.knows_the_end(conversation):
            await asyncio.sleep(source.pause_s())
            async with asyncio.TaskGroup() as burst:
                for text in source.burst():
                    burst.create_task(self._said(conversation, text))

    async def _said(self, conversation: UUID, text: str) -> None:
        await self.post(conversation, text)


class Tab(Participant):
    """A visitor, in one conversation after the other."""

    over: frozenset[UUID] = frozenset()
    """Conversations that ended."""

    async def open(self) -> None:
        """See ``Participant``. The server says which conversation it is."""
        await super().open()
        self.follow(self.conversation)

    @property
    def conversation(self) -> UUID:
        """The open one, or the next one's id, by the last welcome."""
        return self.client.conversation

    @property
    def token(self) -> str:
        """Who this browser is, by the last welcome."""
        assert self.client.token is not None
        return self.client.token

    @property
    def elsewhere(self) -> UUID | None:
        """A new conversation that the server named at the last welcome."""
        named = self.conversation
        return None if named == NOWHERE or named in self.over else named


class Console(Participant):
    """An agent, with any number of conversations open on the screen."""

    def __init__(self, name: str, history: History, make: Callable[[Client | None], Client]) -> None:
        super().__init__(name, history, make)
        self._on_screen: list[UUID] = []

    async def open(self) -> None:
        """See ``Participant``. The browser remembers which conversations were on the screen."""
        await super().open()
        for conversation in list(self._on_screen):
            self.follow(conversation)
            await self.ask(Watch(0, conversation, 0))

    async def claim(self, conversation: UUID) -> None:
        """Take it over from the queue."""
        self._on_screen.append(conversation)
        await self.ask(Claim(0, conversation))
        self.follow(conversation)

    async def look_on(self, conversation: UUID) -> None:
        """Open a colleague's conversation."""
        self._on_screen.append(conversation)
        await self.ask(Watch(0, conversation, 0))
        self.follow(conversation)


def _is_whole(view: View) -> bool:
    return _last_missing(view) == 0


def _last_missing(view: View) -> int:
    """The highest number below the first or between others that this view lacks; 0 for none."""
    has = {each.seq for each in view.shown} | view.asked_for.keys()
    return next((seq for seq in range(max(has, default=1) - 1, 0, -1) if seq not in has), 0)
