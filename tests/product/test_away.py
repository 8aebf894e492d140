"""Whether an agent takes new conversations is theirs to say, and stays as they said it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.product.running import Product

pytestmark = [pytest.mark.browser, pytest.mark.processes]


def test_who_is_away_stays_away_over_a_reload_and_in_every_tab(desk: Page, product: Product) -> None:
    def switch(page: Page) -> None:
        page.get_by_role("switch", name="Take new conversations").click()

    def is_available(page: Page, told: bool) -> None:
        shown = page.get_by_role("switch", name="Take new conversations")
        expect(shown).to_be_enabled()
        expect(shown).to_have_attribute("aria-checked", str(told).lower())
        expect(page.locator(".me-state")).to_have_text("Available" if told else "Away")

    is_available(desk, True)
    switch(desk)
    is_available(desk, False)
    desk.reload()
    is_available(desk, False)
    second = desk.context.new_page()
    second.goto(f"{product.web}/console")
    is_available(second, False)
    switch(second)
    is_available(second, True)
    is_available(desk, True)
