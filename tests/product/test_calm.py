"""Normal visits leave the browser's console empty: no error, no warning, no violated policy."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from chat.conversations.greetings import CHINESE, ENGLISH
from tests.product.pages import Complaints, console, opened_panel, profile
from tests.product.running import Product

pytestmark = [pytest.mark.browser, pytest.mark.processes]

PAGES = {
    "/": "Aican",
    "/demo": "Fern & Oak",
    "/console": "Sign in to your workspace",
    "/console/c/0192f0c1-7e1a-7c3d-9b5e-6f708192a3b4": "Sign in to your workspace",
}


@pytest.mark.parametrize(("path", "shown"), PAGES.items())
def test_a_visitors_first_look_at(path: str, shown: str, tab: Page, product: Product, complaints: Complaints) -> None:
    tab.goto(f"{product.web}{path}")
    expect(tab.get_by_text(shown).first).to_be_visible()
    tab.wait_for_load_state("networkidle")
    assert complaints.heard == []


@pytest.mark.parametrize(("locale", "greeted"), [("en-GB", ENGLISH), ("zh-CN", CHINESE)])
def test_the_panel_and_the_console(
    locale: str, greeted: str, browser: Browser, product: Product, cookies: httpx.Cookies, complaints: Complaints
) -> None:
    with profile(browser, complaints, locale=locale) as context:
        page = context.new_page()
        page.goto(f"{product.web}/demo")
        expect(opened_panel(page).locator(".greeting")).to_have_text(greeted)
        desk = console(context, product, cookies)
        expect(desk.locator("main h2")).to_be_visible()
        alone = context.new_page()
        alone.goto(f"{product.web}/panel?site={product.site_key()}")
        expect(alone.locator(".greeting")).to_be_visible()
        alone.wait_for_load_state("networkidle")
    assert complaints.heard == []


def test_the_welcome_page_of_a_fresh_link(tab: Page, product: Product, complaints: Complaints) -> None:
    link = product.last_line("account", "create", "--email", "noor@business.example", "--role", "agent")
    tab.goto(link)
    expect(tab.get_by_label("Your name")).to_be_visible()
    tab.wait_for_load_state("networkidle")
    assert complaints.heard == []


def test_what_a_page_does_wrong_would_be_noticed(tab: Page, product: Product, complaints: Complaints) -> None:
    tab.goto(f"{product.web}/console")
    expect(tab.get_by_text("Sign in to your workspace")).to_be_visible()
    complaints.expect("Content Security Policy")
    with tab.expect_console_message():
        tab.evaluate("() => { new Image().src = 'https://elsewhere.example/pixel.png'; }")
    assert "Content Security Policy" in complaints.heard[0]
