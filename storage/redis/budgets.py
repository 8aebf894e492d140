"""Shared budgets, by the clock of Redis."""

from __future__ import annotations

from chat.ports import Limited, Rate
from storage.redis.keys import key
from storage.redis.scripts import lua, script
from storage.redis.turn import Turn

TAKE = script(lua("clock"), lua("gcra"), lua("take"))


class RedisBudgets:
    """``Budgets``: one key each, which is gone when the budget is full again."""

    def __init__(self, turn: Turn) -> None:
        self._turn = turn

    async def take(self, key_: str, rate: Rate) -> Limited | None:
        """See ``Budgets``. GCRA (ITU-T I.371) in one script, one trip; no trip where there is no limit."""
        if rate.period_ms == 0:
            return None
        wait = await self._turn.run(TAKE, [key("budget", key_)], rate.period_ms, rate.burst)
        return Limited(wait) if wait else None
