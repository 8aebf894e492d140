"""One gateway of the suite: ``aican gateway``, at the pace of programs, with a wall clock that can be moved.

Everything is set before the command imports what uses it; from then on it is the product's own command. With
``CHAOS_BROKEN`` one mechanism is broken on purpose, see ``broken``. With ``--processes`` the command keeps several of
these on its port.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tests.chaos.clocks import move_redis_clock, move_wall_clock
from tests.chaos.pace import PACES, hurry_gateway

IN_FLIGHT = 300
"""How far below the top a number may be missing, at the rates of this cast: the product's own figure follows from the
budgets that people have. Three writers with pauses of 0.03 s store less than 100 a second in one conversation."""


def main() -> None:
    hurry_gateway(PACES[os.environ["CHAOS_PACE"]])  # first: what raises the rates imports what keeps the pace
    raise_rates()
    if os.environ.get("CHAOS_REDIS_CLOCK"):
        move_redis_clock()
    move_wall_clock(Path(os.environ["CHAOS_CLOCK"]))
    if broken := os.environ.get("CHAOS_BROKEN"):
        from tests.chaos.broken import MECHANISMS

        MECHANISMS[broken]()
    from gateway.cli import main as aican
    from gateway.commands import gateway as command

    command.own_command = lambda: [sys.executable, "-m", "tests.chaos.gateway_process", "--shared-port"]  # type: ignore[attr-defined]
    sys.argv = ["aican", "gateway", *sys.argv[1:]]
    aican()


def raise_rates() -> None:
    """Programs write faster than people; budgets still count, so that a clock that jumps is felt by them."""
    from chat.budgets import rates
    from chat.inspection import verdict
    from chat.model import Role
    from chat.ports import Rate

    plenty = Rate(period_ms=1, burst=2_000)
    rates.FRAMES = rates.AGENT_FRAMES = rates.HISTORY = rates.WATCHES = plenty
    rates.ANNOUNCEMENTS = rates.CONVERSATION = plenty
    for role in (Role.VISITOR, Role.AGENT):
        rates.MESSAGES[role] = plenty
    verdict.FIRST_MESSAGE_MS = 0
    from gateway.socket import feed  # not before: it imports rates by name

    feed.IN_FLIGHT = IN_FLIGHT


if __name__ == "__main__":
    main()
