"""How far a visitor's message got: sent, delivered, read."""

from __future__ import annotations

import pytest
from playwright.sync_api import Frame, Page, expect

from tests.product.pages import claim, opened_panel, row, say
from tests.product.running import Product

pytestmark = [pytest.mark.browser, pytest.mark.processes]

QUESTION = "Which pot fits the kentia palm?"


def _reaches(panel: Frame, state: str) -> None:
    """What stands below the visitor's last words."""
    expect(panel.locator(".group.mine .status").last).to_have_text(state)


def test_sent_then_delivered_then_read_as_the_agent_is_away_elsewhere_and_looking(
    tab: Page, desk: Page, product: Product
) -> None:
    tab.goto(f"{product.web}/demo")
    panel = opened_panel(tab)
    say(panel, QUESTION)
    claim(desk, QUESTION)
    _reaches(panel, "Read")

    desk.goto("about:blank")
    say(panel, "Or rather the larger one?")
    _reaches(panel, "Sent")
    desk.goto(f"{product.web}/console")
    _reaches(panel, "Delivered")
    row(desk, "Or rather the larger one?").click()
    _reaches(panel, "Read")


def test_delivered_at_once_while_another_conversation_is_open_or_the_window_is_not_in_front(
    tab: Page, desk: Page, product: Product
) -> None:
    tab.goto(f"{product.web}/demo")
    panel = opened_panel(tab)
    say(panel, "Does the olive tree like wind?")
    claim(desk, "Does the olive tree like wind?")
    _reaches(panel, "Read")

    desk.goto(f"{product.web}/console")
    expect(row(desk, "Does the olive tree like wind?").or_(row(desk, "You joined"))).to_be_visible()
    say(panel, "Our balcony is high up.")
    _reaches(panel, "Delivered")
    row(desk, "Our balcony is high up.").click()
    _reaches(panel, "Read")

    # Playwright shows every page as if it were in front; what the browser tells a page that is not, is told here.
    desk.evaluate("() => { document.hasFocus = () => false; window.dispatchEvent(new Event('blur')); }")
    say(panel, "The eleventh floor.")
    _reaches(panel, "Delivered")
    desk.evaluate("() => { delete document.hasFocus; window.dispatchEvent(new Event('focus')); }")
    _reaches(panel, "Read")
