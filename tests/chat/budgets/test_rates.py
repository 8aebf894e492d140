"""The public specification names the rates as they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from chat.budgets.rates import AGENT_FRAMES, ANNOUNCEMENTS, FLOOD_REFUSALS, FRAMES, HISTORY, MESSAGES, TYPING, WATCHES
from chat.model import Role
from chat.ports import Rate

PROTOCOL = (Path(__file__).parents[3] / "chat/protocol/PROTOCOL.md").read_text()


def said(rate: Rate | None) -> str:
    """A rate as the table has it."""
    if rate is None:
        return "–"
    period = rate.period_ms / 1_000
    return f"{rate.burst}, then {f'{1 / period:g} a second' if period <= 1 else f'1 each {period:g} s'}"


@pytest.mark.parametrize(
    ("what", "visitor", "agent"),
    [
        ("frames of any kind, pings included", FRAMES, AGENT_FRAMES),
        ("Post", MESSAGES[Role.VISITOR], MESSAGES[Role.AGENT]),
        ("History", HISTORY, HISTORY),
        ("Watch", None, WATCHES),
        ("Typing that is passed on", TYPING, TYPING),
        ("Introduce, Availability", ANNOUNCEMENTS, ANNOUNCEMENTS),
    ],
)
def test_the_table_of_budgets(what: str, visitor: Rate | None, agent: Rate | None) -> None:
    assert f"\n| {what} | {said(visitor)} | {said(agent)} |\n" in PROTOCOL


def test_after_how_many_refusals_somebody_is_hung_up_on() -> None:
    assert f"another {FLOOD_REFUSALS} times" in PROTOCOL.replace("\n", " ")
