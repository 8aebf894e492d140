"""How far a visitor's message got: sent, delivered, read."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import Browser, Frame, Page, expect

from tests.product.pages import WIDE, Complaints, claim, console, opened_panel, profile, row, say
from tests.product.running import Product

pytestmark = [pytest.mark.browser, pytest.mark.processes]

QUESTION = "Which pot fits the kentia palm?"


def _reaches(panel: Frame, state: str) -> None:
    """What stands below the visitor's last words."""
    expect(panel.locator(".group.mine .status").last).to_have_text(state)


def test_sent_then_delivered_then_read_while_it_waits_for_somebody(
    tab: Page, browser: Browser, product: Product, cookies: httpx.Cookies, complaints: Complaints
) -> None:
    tab.goto(f"{product.web}/demo")
    panel = opened_panel(tab)
    say(panel, QUESTION)
    _reaches(panel, "Sent")
    with profile(browser, complaints, viewport=WIDE) as context:
        desk = console(context, product, cookies)
        _reaches(panel, "Delivered")
        row(desk, QUESTION).click()
        expect(desk.get_by_role("main").get_by_text(QUESTION)).to_be_visible()
        say(panel, "The large one.")
        expect(desk.get_by_role("main").get_by_text("The large one.")).to_be_visible()
        _reaches(panel, "Delivered")
        claim(desk, "The large one.")
        _reaches(panel, "Read")


def test_sent_then_delivered_then_read_in_a_conversation_whose_agent_was_away(
    tab: Page, desk: Page, product: Product
) -> None:
    tab.goto(f"{product.web}/demo")
    panel = opened_panel(tab)
    say(panel, "Do you have larger pots, too?")
    claim(desk, "Do you have larger pots, too?")
    _reaches(panel, "Read")

    desk.goto("about:blank")
    say(panel, "Forty centimetres or so?")
    _reaches(panel, "Sent")
    desk.goto(f"{product.web}/console")
    _reaches(panel, "Delivered")
    row(desk, "Forty centimetres or so?").click()
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
    expect(desk.locator("[data-row]").first).to_be_visible()
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
