"""``aican gateway`` as the product runs it, with budgets that a closed loop cannot exhaust.

Every check runs; only the table of rates is larger, because a hundred visitors who each write fifty times a second
stand for thousands who write now and then. Run as ``python -m tests.bench.aican.gateway``; settings come from the
environment.
"""

from __future__ import annotations

from chat.budgets import rates
from chat.ports import Rate

AMPLE = Rate(period_ms=1, burst=100_000)


def make_ample() -> None:
    """Put the ample rate in every line of the table. Call it before anything else imports the rates by name."""
    for name, value in list(vars(rates).items()):
        if isinstance(value, Rate):
            setattr(rates, name, AMPLE)
        elif name == "MESSAGES":
            setattr(rates, name, dict.fromkeys(value, AMPLE))


def main() -> None:
    """Become the gateway."""
    make_ample()
    import sys

    from gateway.cli import main as aican

    sys.argv[1:] = ["gateway"]
    aican()


if __name__ == "__main__":
    main()
