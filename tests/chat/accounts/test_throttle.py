"""Networks, and budgets in the right order."""

from __future__ import annotations

import pytest

from chat.accounts.refusals import TooManyTries
from chat.accounts.throttle import ADDRESS, INVITATIONS, NETWORK, OVERALL, PAIR, Throttle, network_of
from chat.ports import Limited, Rate


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("203.0.113.7", "203.0.113.250", True),
        ("203.0.113.7", "203.0.114.7", False),
        ("::ffff:203.0.113.7", "203.0.113.9", True),
        ("2001:db8:1:2::1", "2001:db8:1:ffff::9", True),
        ("2001:db8:1::1", "2001:db8:2::1", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("", "nonsense", True),
    ],
)
def test_neighbours_share_a_network(one: str, other: str, same: bool) -> None:
    assert (network_of(one) == network_of(other)) is same


class Recorded:
    """Notes what is spent, and refuses the budgets whose key begins like this."""

    def __init__(self, refusing: str = "nothing") -> None:
        self.keys: list[str] = []
        self._refusing = refusing

    async def take(self, key: str, rate: Rate) -> Limited | None:
        self.keys.append(key)
        return Limited(1_234) if key.startswith(self._refusing) else None


async def test_narrow_budgets_are_spent_before_wide_ones() -> None:
    budgets = Recorded()
    await Throttle(budgets, b"pepper").admit_sign_in(b"index", "203.0.113.7")
    kinds = [key.split(":")[1] for key in budgets.keys]
    assert kinds == ["network"] * len(NETWORK) + ["pair"] * len(PAIR) + ["address"] * len(ADDRESS) + ["overall"]


@pytest.mark.parametrize(("refusing", "spared"), [("sign-in:network", "pair"), ("sign-in:pair", "address")])
async def test_who_is_over_a_narrow_budget_spends_nothing_of_a_wider_one(refusing: str, spared: str) -> None:
    budgets = Recorded(refusing)
    with pytest.raises(TooManyTries) as told:
        await Throttle(budgets, b"pepper").admit_sign_in(b"index", "203.0.113.7")
    assert told.value.retry_after_ms == 1_234
    assert not any(spared in key for key in budgets.keys)


async def test_no_key_tells_an_address_or_a_network() -> None:
    budgets = Recorded()
    await Throttle(budgets, b"pepper").admit_sign_in(b"\x01\x02", "203.0.113.7")
    network = bytes([203, 0, 113]).hex()
    assert network in network_of("203.0.113.7")
    assert not [key for key in budgets.keys if network in key or "203.0.113" in key]


def test_delays_grow_and_end() -> None:
    for ladder in (PAIR, NETWORK, ADDRESS, OVERALL, INVITATIONS):
        periods = [rate.period_ms for rate in ladder]
        assert periods == sorted(periods)
        assert max(periods) <= 300_000
