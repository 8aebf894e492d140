"""Every rate in one table. Periods in milliseconds; ``burst`` may come at once."""

from __future__ import annotations

from chat.model import Role
from chat.ports import Rate

FRAMES = Rate(period_ms=50, burst=40)
"""Frames of any kind on one connection: 20 a second. A person with a full outbox stays far below."""

AGENT_FRAMES = Rate(period_ms=50, burst=160)
"""The same for who signed in: a console that was loaded anew watches and marks each conversation that it follows."""

TYPING = Rate(period_ms=1_500, burst=4)
"""Typing frames passed on: clients send one each 3 s, and one when the writer stops."""

HISTORY = Rate(period_ms=500, burst=10)
"""Reads of older messages: each costs the record a query."""

WATCHES = Rate(period_ms=125, burst=64)
"""Conversations that an agent begins to follow: as many at once as one connection may follow, after a reload."""

ANNOUNCEMENTS = Rate(period_ms=1_000, burst=5)
"""Changes of the own name, address or availability."""

MESSAGES: dict[Role, Rate] = {
    Role.VISITOR: Rate(period_ms=1_000, burst=5),
    Role.AGENT: Rate(period_ms=200, burst=20),
    Role.SYSTEM: Rate(period_ms=0, burst=1),
}
"""Messages by one author: nobody types faster; agents paste several canned lines at once."""

CONVERSATION = Rate(period_ms=100, burst=50)
"""Messages in one conversation, everybody's together."""

FLOOD_REFUSALS = 200
"""A connection that was refused this often for its rate has ten times what it may have, and is hung up on."""
