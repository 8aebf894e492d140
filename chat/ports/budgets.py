"""How much somebody may do, and the door to budgets that all processes share."""

from __future__ import annotations

from typing import Protocol

from msgspec import Struct


class Rate(Struct, frozen=True):
    """A budget: ``burst`` (1 or more) at once, then one each ``period_ms``. A period of 0 means no limit."""

    period_ms: int
    burst: int


class Limited(Struct, frozen=True):
    """Over budget: nothing was taken. The same message fits after ``retry_after_ms``, 1 or more."""

    retry_after_ms: int


class Budgets(Protocol):
    """Shared budgets for all but messages: sign-in tries, connections. The store's clock counts."""

    async def take(self, key: str, rate: Rate) -> Limited | None:
        """Spend one and return None, or spend nothing and say when; one atomic step.

        ``key`` names the budget, which is full when first named. It carries no personal data: hash what would.
        Asked again after Unavailable it may spend a second one.
        """
        ...
