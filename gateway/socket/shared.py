"""What the connections of one gateway share."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.socket.feeds import Feeds
from gateway.socket.hearsay import Hearsay
from gateway.socket.inbox import Spawn
from gateway.socket.parts import Parts
from gateway.socket.workplaces import Workplaces


@dataclass(frozen=True, slots=True)
class Shared:
    """The rules and stores, the conversations that somebody follows, the queues; and how to run something."""

    parts: Parts
    feeds: Feeds
    workplaces: Workplaces
    hearsay: Hearsay
    spawn: Spawn
