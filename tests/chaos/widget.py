"""A visitor on the widget's own client, in Node: what people use. ``widget/test/driven.ts`` is the other end.

A crash is a ``kill -9`` of its process. What the browser would have stored outlives it: the token and the outbox.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import time
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from typing import Any
from uuid import UUID

from chat.protocol.values import Role
from config.local.tether import tethered
from gateway.client.client import NOWHERE
from tests.chaos.history import Entry, History, Outcome, Sent
from tests.chaos.participant import Tab
from tests.gateway.house import FIREFOX

HASTE = 8.0
"""Its clock, against a real one: 20 s of silence are 2.5 s, as for the others at the pace of programs."""
_WIDGET = Path(__file__).parents[2] / "widget"
_COMMAND = ["node", "--experimental-websocket", "--no-warnings", "--import", "tsx", "test/driven.ts"]
_NEWS_BYTES = 1 << 20


class Widget(Tab):
    """See ``Participant``. Its texts are told apart by what they say, which is said once in a run."""

    def __init__(self, name: str, history: History, url: str, site: str, folder: Path, haste: float) -> None:
        """``folder`` is where it keeps what a browser keeps."""
        super().__init__(name, history, self._nobody)
        folder.mkdir()
        self._folder = folder
        self._arguments = [url, site, str(folder), FIREFOX, str(haste)]
        self._process: Process
        self._dials = 0
        self._visitor: UUID | None = None
        self._conversation = NOWHERE
        self._welcomed = asyncio.Event()
        self._unwritten: dict[str, Sent] = {}
        """By text: handed over, and not known to be in the outbox."""
        self._waiting: dict[UUID, tuple[Sent, asyncio.Future[None]]] = {}
        """By client id: in the outbox."""
        self._answers: dict[int, asyncio.Future[None]] = {}

    @staticmethod
    def _nobody(_: object) -> Any:
        raise AssertionError("it has no client in this process")

    # --- life -----------------------------------------------------------------------------------------------------

    async def open(self) -> None:
        """Start it; returns once welcomed."""
        self._opened += 1
        self._welcomed.clear()
        log = (self._folder / "log").open("ab")
        with log:
            self._process = await asyncio.create_subprocess_exec(
                *tethered([*_COMMAND, *self._arguments], parent=os.getpid()),
                stdin=PIPE, stdout=PIPE, stderr=log, cwd=_WIDGET, limit=_NEWS_BYTES,
            )  # fmt: skip
        self._reader = asyncio.create_task(self._read())
        welcomed = asyncio.create_task(self._welcomed.wait())
        await asyncio.wait({welcomed, self._reader}, return_when=asyncio.FIRST_COMPLETED)
        welcomed.cancel()
        if not self._welcomed.is_set():
            raise AssertionError(f"{self.name} ended: {(self._folder / 'log').read_text()[-2000:]}")
        self.follow(self._conversation)

    async def vanish(self) -> None:
        """As a tab that crashed and is opened again: what it had in its outbox goes out now."""
        async with self._coming:
            await self._close()
            for conversation in list(self.views):
                self.unfollow(conversation)
            await self.open()

    async def _close(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()
        if self._reader is not None:
            await self._reader  # what it told before it died
        self._dials = max(0, self._dials - 1)
        for sent in () if self._is_gone else list(self._unwritten.values()):  # of these nothing is known any more
            sent.outcome = Outcome.ABANDONED
            self._concluded(sent)

    # --- what it tells --------------------------------------------------------------------------------------------

    async def _read(self) -> None:
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            if line.endswith(b"\n"):  # else it died over it
                self._heard(json.loads(line))

    def _heard(self, news: dict[str, Any]) -> None:
        match news["is"]:
            case "dialled":
                self._dials += 1
            case "welcomed":
                self._visitor, self._conversation = UUID(news["visitor"]), UUID(news["conversation"])
                self._welcomed.set()
            case "behind":
                self.catch_ups += 1
            case "disordered":
                raise AssertionError(f"{self.name} shows {news['text']}")
            case "shown" | "older":
                self._show(news)
            case "written":
                self._written(UUID(news["clientId"]), news["text"])
            case "accepted":
                self._accepted(UUID(news["clientId"]), news["seq"], news["at"])
            case "refused":
                self._refused(UUID(news["clientId"]), news)

    def _show(self, news: dict[str, Any]) -> None:
        view, shown = self.follow(self._conversation), _entry(news["message"])
        if news["is"] == "older":
            view.asked_for[shown.seq] = shown
            return
        if not news["follows"]:
            view.fresh_starts.add(shown.seq)
        view.shown.append(shown)

    def _written(self, client_id: UUID, text: str) -> None:
        sent = self._unwritten.pop(text, None)
        if sent is not None:  # else it was written before a crash
            sent.client_id = client_id
            self._waiting[client_id] = sent, self._answers[id(sent)]

    def _accepted(self, client_id: UUID, seq: int, at: int) -> None:
        if client_id in self._waiting:
            sent, _ = self._waiting[client_id]
            sent.seq, sent.at, sent.role, sent.author = seq, at, Role.VISITOR, self._visitor
            sent.outcome, sent.accepted_at = Outcome.ACCEPTED, time.monotonic()
            self.history.accepted.append(sent)
            self._concluded(sent)

    def _refused(self, client_id: UUID, refusal: dict[str, Any]) -> None:
        sent, _ = self._waiting[client_id]
        sent.outcome, sent.why = Outcome.REFUSED, refusal["text"]
        self._concluded(sent)

    def _concluded(self, sent: Sent) -> None:
        self._unwritten.pop(sent.body, None)
        self._waiting.pop(sent.client_id, None)
        answer = self._answers.pop(id(sent))
        if not answer.done():
            answer.set_result(None)

    @property
    def is_filling(self) -> bool:
        """See ``Participant``. It asks by itself; what does not come is lost."""
        return False

    # --- what it does ---------------------------------------------------------------------------------------------

    async def post(self, conversation: UUID, text: str) -> Sent:
        """See ``Participant``. The text is in the outbox of this browser from now on, also after a crash."""
        async with self._coming:  # a tab that crashed is opened again first
            sent = Sent(self.name, conversation, NOWHERE, text, said_at=time.monotonic())
            self.history.sent.append(sent)
            self._unwritten[text] = sent
            answer = self._answers[id(sent)] = asyncio.get_running_loop().create_future()
            assert self._process.stdin is not None
            self._process.stdin.write(json.dumps(text).encode() + b"\n")
        await answer
        return sent

    @property
    def conversation(self) -> UUID:
        """See ``Tab``."""
        return self._conversation

    @property
    def token(self) -> str:
        """See ``Tab``."""
        return (self._folder / "token").read_text()

    @property
    def reconnects(self) -> int:
        """See ``Participant``."""
        return max(0, self._dials - 1)


def _entry(message: dict[str, Any]) -> Entry:
    author = UUID(message["author"]) if message["author"] else None
    client_id = UUID(message["clientId"])
    return Entry(message["seq"], client_id, message["kind"], message["body"], message["role"], author, message["at"])
