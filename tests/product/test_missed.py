"""What a visitor finds who was away when the conversation was ended, and who loads the page anew after the end."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Frame, Page, expect

from tests.product.pages import answer, claim, kept, opened_panel, panel_of, row, say
from tests.product.running import OWNER, Product

pytestmark = [pytest.mark.browser, pytest.mark.processes]


HEARKENED = """
window.unread = []
let widget
Object.defineProperty(window, 'Aican', {
  get: () => widget,
  set(made) {
    widget = made
    made.on('unread', (count) => window.unread.push(count))
  },
})
"""
"""Notes each count that the launcher tells of, from the first on."""


def end(desk: Page) -> None:
    """The agent ends the open conversation."""
    desk.get_by_role("button", name="End", exact=True).click()
    desk.get_by_role("button", name="End conversation").click()
    expect(desk.get_by_text(re.compile("This conversation has ended")).first).to_be_visible()


def is_shown_whole(panel: Frame, *texts: str) -> None:
    """Everything that was said, that it ended, and the way on."""
    expect(panel.locator(".bubble")).to_have_text([re.compile(re.escape(text)) for text in texts])
    expect(panel.get_by_text("Conversation ended")).to_be_visible()
    expect(panel.get_by_role("button", name="Start a new conversation")).to_be_visible()


@pytest.mark.parametrize("is_open", [True, False], ids=["left open", "left closed"])
def test_an_answer_and_an_end_that_the_visitor_was_away_for_are_there_when_they_come_back(
    tab: Page, desk: Page, product: Product, is_open: bool
) -> None:
    question = f"Is the fern gone? I left the chat {'open' if is_open else 'closed'}."
    tab.goto(f"{product.web}/demo")
    panel = opened_panel(tab)
    say(panel, question)
    kept(panel)
    claim(desk, question)
    expect(panel.get_by_text(f"{OWNER['name']} joined")).to_be_visible()
    if not is_open:
        tab.evaluate("window.Aican.close()")
    tab.goto("about:blank")
    answer(desk, "One is left, we keep it for you.")
    expect(desk.locator("main").get_by_text("One is left, we keep it for you.")).to_be_visible()
    end(desk)

    tab.add_init_script(HEARKENED)
    tab.goto(f"{product.web}/demo")
    if not is_open:
        tab.wait_for_function("() => window.unread.includes(1)")
        tab.evaluate("window.Aican.open()")
    is_shown_whole(panel_of(tab), question, "One is left, we keep it for you.")


def test_what_ended_comes_in_a_new_tab_of_the_same_browser(tab: Page, desk: Page, product: Product) -> None:
    tab.goto(f"{product.web}/demo")
    panel = opened_panel(tab)
    say(panel, "Do you deliver to islands?")
    kept(panel)
    claim(desk, "Do you deliver to islands?")
    expect(panel.get_by_text(f"{OWNER['name']} joined")).to_be_visible()
    fresh = tab.context.new_page()
    tab.close()
    answer(desk, "To all of them.")
    expect(desk.locator("main").get_by_text("To all of them.")).to_be_visible()
    end(desk)
    fresh.goto(f"{product.web}/demo")
    fresh.wait_for_function("() => window.Aican")
    fresh.evaluate("window.Aican.open()")
    is_shown_whole(panel_of(fresh), "Do you deliver to islands?", "To all of them.")


def test_what_ended_in_view_is_in_view_after_each_reload_until_the_visitor_starts_over(
    tab: Page, desk: Page, product: Product
) -> None:
    tab.goto(f"{product.web}/demo")
    panel = opened_panel(tab)
    say(panel, "Until when are you open?")
    claim(desk, "Until when are you open?")
    answer(desk, "Until six.")
    expect(panel.get_by_text("Until six.")).to_be_visible()
    end(desk)
    is_shown_whole(panel, "Until when are you open?", "Until six.")
    for _ in range(2):
        tab.reload()
        is_shown_whole(panel_of(tab), "Until when are you open?", "Until six.")

    panel = panel_of(tab)
    panel.get_by_role("button", name="Start a new conversation").click()
    expect(panel.locator(".greeting")).to_be_visible()
    tab.reload()
    panel = panel_of(tab)
    expect(panel.locator(".greeting")).to_be_visible()
    expect(panel.get_by_text("Until six.")).to_have_count(0)
    say(panel, "Then I come tomorrow.")
    kept(panel)
    expect(row(desk, "Then I come tomorrow.")).to_be_visible()
