"""What a visitor writes before the server has greeted."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.product.pages import kept, opened_panel, row, say
from tests.product.running import Product, halted

pytestmark = [pytest.mark.browser, pytest.mark.processes]


def test_it_waits_and_goes_by_itself_and_the_policy_is_shown_before(tab: Page, desk: Page, product: Product) -> None:
    tab.goto(f"{product.web}/demo")
    with halted(product.pid("gateway")):
        panel = opened_panel(tab)
        expect(panel.get_by_role("link", name="privacy policy")).to_be_visible()
        say(panel, "Are you open on Sunday?")
        expect(panel.get_by_text("Are you open on Sunday?")).to_be_visible()
        expect(panel.get_by_text("Waiting", exact=True)).to_be_visible()
        expect(panel.get_by_label("Your message")).to_have_value("")
        say(panel, "We come by train.")
    kept(panel)
    expect(panel.get_by_text("Waiting", exact=True)).to_have_count(0)
    expect(row(desk, "We come by train.")).to_be_visible()
    expect(panel.locator(".group.mine .bubble")).to_have_text(
        ["You: Are you open on Sunday?", "You: We come by train."]
    )
