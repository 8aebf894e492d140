"""The timing wheel: everything is looked at once its time is over, and not before."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.socket.wheel import TICK_S, Wheel


class Item:
    """Something on the wheel."""

    def __init__(self) -> None:
        self.spoke = 0


def test_an_item_comes_off_once_its_time_is_over_and_only_once() -> None:
    wheel: Wheel[Item] = Wheel(100.0)
    item = Item()
    wheel.put(item, 105.0)
    assert wheel.turn(104.9) == []
    assert wheel.turn(105.0) == [item]
    assert wheel.turn(200.0) == []


def test_the_last_put_counts_whether_it_is_earlier_or_later() -> None:
    wheel: Wheel[Item] = Wheel(0.0)
    sooner, later = Item(), Item()
    for item, due in ((sooner, 20.0), (later, 2.0), (sooner, 2.0), (later, 20.0)):
        wheel.put(item, due)
    assert wheel.turn(3.0) == [sooner]
    assert wheel.turn(20.0) == [later]


def test_what_was_removed_never_comes_off_and_may_be_removed_again() -> None:
    wheel: Wheel[Item] = Wheel(0.0)
    item = Item()
    wheel.put(item, 1.0)
    wheel.remove(item)
    wheel.remove(item)
    assert wheel.turn(10.0) == []
    wheel.put(item, 11.0)
    assert wheel.turn(11.0) == [item]


def test_what_is_overdue_already_comes_off_at_the_next_tick() -> None:
    wheel: Wheel[Item] = Wheel(50.0)
    item = Item()
    wheel.put(item, 3.0)
    assert wheel.turn(50.0) == []
    assert wheel.turn(50.0 + TICK_S) == [item]


@given(st.lists(st.floats(0.0, 60.0), max_size=50), st.lists(st.floats(0.0, 3.0), min_size=1, max_size=40))
def test_nothing_comes_early_nothing_more_than_a_tick_late_and_nothing_is_forgotten(
    dues: list[float], steps: list[float]
) -> None:
    wheel: Wheel[Item] = Wheel(0.0)
    due_of = {}
    for due in dues:
        item = Item()
        wheel.put(item, due)
        due_of[item] = due
    now = 0.0
    for step in steps:
        now += step
        for item in wheel.turn(now):
            assert due_of.pop(item) <= now
        assert all(due > now - TICK_S for due in due_of.values())
    assert set(wheel.turn(100.0)) == set(due_of)
