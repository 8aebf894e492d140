"""The console's list: who waits, what happened, and how visitors without a name are told apart."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.product.pages import WIDE, Complaints, claim, console, kept, opened_panel, profile, row, say
from tests.product.running import OWNER, Product

pytestmark = [pytest.mark.browser, pytest.mark.processes]

NAME = re.compile(r"^Visitor · (\w+ \w+)$")
CHINESE_NAME = re.compile(r"^访客 · [\u4e00-\u9fff]+$")


def test_who_joined_and_the_end_are_told_as_what_happened(tab: Page, desk: Page, product: Product) -> None:
    tab.goto(f"{product.web}/demo")
    panel = opened_panel(tab)
    say(panel, "Is the hanging shelf sold with its plant?")
    claim(desk, "Is the hanging shelf sold with its plant?")
    mine = desk.locator("[data-row][aria-current=true]")
    expect(mine.locator(".row-preview")).to_have_text("Is the hanging shelf sold with its plant?")
    expect(desk.locator("aside.details").get_by_text("Ended", exact=True)).to_have_count(0)

    desk.get_by_role("button", name="End", exact=True).click()
    desk.get_by_role("button", name="End conversation").click()
    expect(panel.get_by_text("Conversation ended")).to_be_visible()
    desk.get_by_role("button", name=re.compile("^Recently ended")).click()
    expect(desk.locator("[data-row][aria-current=true] .row-preview")).to_have_text(
        "Is the hanging shelf sold with its plant?"
    )
    expect(desk.locator("aside.details").get_by_text("Ended", exact=True)).to_be_visible()
    expect(desk.locator("[data-row]").get_by_text(OWNER["name"])).to_have_count(0)


def test_a_visitor_who_waits_is_announced_and_the_claim_as_well(tab: Page, desk: Page, product: Product) -> None:
    tab.goto(f"{product.web}/demo")
    say(opened_panel(tab), "How high does the snake plant grow?")
    spoken = desk.locator(".unseen[aria-live=polite]").last
    expect(spoken).to_have_text(re.compile(r"^Visitor · \w+ \w+ is waiting for an answer$"))
    claim(desk, "How high does the snake plant grow?")
    expect(spoken).to_have_text(re.compile(r"^Visitor · \w+ \w+ is with you now$"))


def test_visitors_without_a_name_have_one_of_ours_the_same_for_every_session_and_language(
    browser: Browser, desk: Page, product: Product, cookies: httpx.Cookies, complaints: Complaints
) -> None:
    questions = ("Do you repot plants?", "Do you lend ladders?", "Do you plant balconies?")
    for question in questions:
        with profile(browser, complaints) as context:
            page = context.new_page()
            page.goto(f"{product.web}/demo")
            panel = opened_panel(page)
            say(panel, question)
            kept(panel)
    names = [_name(desk, question, NAME) for question in questions]
    pages = [row(desk, question).locator(".row-page").inner_text() for question in questions]
    assert all("Fern" in page for page in pages), pages

    with profile(browser, complaints, viewport=WIDE) as context:
        again = console(context, product, cookies)
        assert [_name(again, question, NAME) for question in questions] == names
    with profile(browser, complaints, viewport=WIDE, locale="zh-CN") as context:
        chinese = console(context, product, cookies)
        named = [_name(chinese, question, CHINESE_NAME) for question in questions]
        assert len(set(named)) == len(set(names))


def _name(desk: Page, question: str, pattern: re.Pattern[str]) -> str:
    """The name in the row that shows this question, once it is there."""
    name = row(desk, question).locator(".row-name")
    expect(name).to_have_text(pattern)
    return name.inner_text()
