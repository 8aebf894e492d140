"""What gateways tell each other of repeated texts: digests, gathered for a moment so that no message costs a trip."""

from __future__ import annotations

import asyncio
import contextlib
import secrets

from chat.clock import Clock
from chat.errors import Unavailable
from chat.ids import ConversationId, WorkspaceId
from chat.inspection.repeats import Repeats
from chat.ports import Bus
from chat.protocol.facts import EVERYBODY, Said, Utterance, encode_fact

GATHER_S = 0.1
"""Between two tellings. An advertiser's copies come seconds apart; a program's meet on their own gateway at once."""
TOGETHER = 2_000
"""Digests in one fact, of 100 KB: twenty thousand texts a second. Those beyond it stay known here alone."""


class Hearsay:
    """One gateway's part in what all of them know about repeated texts."""

    def __init__(self, repeats: Repeats, bus: Bus, clock: Clock) -> None:
        self._repeats = repeats
        self._bus = bus
        self._clock = clock
        self._name = secrets.token_bytes(8)
        self._untold: list[Utterance] = []

    def said(self, workspace: WorkspaceId, digest: bytes, conversation: ConversationId) -> None:
        """A text is in the record: it counts here from now on, and elsewhere within a moment."""
        self._repeats.remember(workspace, digest, conversation, self._clock.monotonic())
        if len(self._untold) < TOGETHER:
            self._untold.append(Utterance(workspace, digest, conversation))

    def heard(self, fact: Said) -> None:
        """A gateway told."""
        if fact.gateway == self._name:
            return
        now = self._clock.monotonic()
        for one in fact.utterances:
            self._repeats.remember(one.workspace, one.digest, one.conversation, now)

    async def tell(self) -> None:
        """Publish what was said since, for ever. What cannot be published is forgotten: it is only a hint."""
        while True:
            await asyncio.sleep(GATHER_S)
            if not self._untold:
                continue
            utterances, self._untold = self._untold, []
            with contextlib.suppress(Unavailable):
                await self._bus.publish(EVERYBODY, encode_fact(Said(self._name, utterances)))
