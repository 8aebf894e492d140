"""The outbox keeps trying, and lets everybody else run meanwhile."""

from __future__ import annotations

import asyncio
from uuid import UUID

from chat.clock import SystemClock, new_id
from chat.protocol.frames import Accepted, Conduct, Post, ServerFrame
from gateway.client.outbox import Outbox

HERE = UUID(int=7)
ENDLESS = 1_000


async def test_a_connection_that_is_found_lost_leaves_room_for_who_has_to_notice() -> None:
    """Sending on a socket that was reset fails at once, before the task that listens on it has heard of the reset."""
    has_noticed, tries = False, 0

    async def ask(post: Post) -> ServerFrame:
        nonlocal tries
        tries += 1
        assert tries < ENDLESS, "tried again and again without a pause"
        if not has_noticed:
            raise ConnectionError("the connection was lost")
        return Accepted(1, post.conversation, post.client_id, 5, 0)

    post = Post(0, HERE, new_id(SystemClock()), "Hello", Conduct(0, ""))
    delivered = asyncio.create_task(Outbox(ask).deliver(post))
    await asyncio.sleep(0.01)
    has_noticed = True
    async with asyncio.timeout(5):
        assert (await delivered).seq == 5
