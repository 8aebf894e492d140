"""What a participant does that no run shows when it is wrong: it would only never end."""

from __future__ import annotations

import asyncio
from uuid import uuid4

from gateway.client import visitor
from tests.chaos.history import History, Outcome
from tests.chaos.participant import TURN_S, Participant
from tests.gateway.house import PAGE


async def test_who_posts_from_a_crashed_tab_leaves_others_their_turn() -> None:
    """Nothing is sent, so nothing is waited for: whoever tries until it is accepted would be alone on the loop."""
    tab = Participant("visitor", History(), lambda _: visitor("ws://127.0.0.1:1", str(uuid4()), page=PAGE))
    tab.client = visitor("ws://127.0.0.1:1", str(uuid4()), page=PAGE)
    await tab.client.close()
    turns: list[str] = []
    asyncio.get_running_loop().call_later(TURN_S / 2, turns.append, "somebody else")
    sent = await tab.post(uuid4(), "hello")
    assert sent.outcome is Outcome.ABANDONED
    assert turns == ["somebody else"]
