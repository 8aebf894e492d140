"""What a visitor writes before the server has greeted."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.product.pages import kept, opened_panel, row, say
from tests.product.running import Product, halted

pytestmark = [pytest.mark.browser, pytest.mark.processes]

WRITTEN = ("Are you open on Sunday?", "We come by train.")


def test_it_waits_and_goes_by_itself_once_and_the_policy_is_shown_before(
    tab: Page, desk: Page, product: Product, token: str
) -> None:
    tab.goto(f"{product.web}/demo")
    with halted(product.pid("gateway")):
        panel = opened_panel(tab)
        expect(panel.get_by_role("link", name="privacy policy")).to_be_visible()
        say(panel, WRITTEN[0])
        expect(panel.get_by_text(WRITTEN[0])).to_be_visible()
        expect(panel.get_by_text("Waiting", exact=True)).to_be_visible()
        expect(panel.get_by_label("Your message")).to_have_value("")
        say(panel, WRITTEN[1])
        # The first message goes right after the welcome, sooner than bots are let: that is not the visitor's fault.
        panel.evaluate(
            "() => { window.troubled = 0; new MutationObserver(() => {"
            " window.troubled += document.querySelectorAll('.trouble').length })"
            ".observe(document.body, { childList: true, subtree: true }) }"
        )
    kept(panel)
    expect(panel.get_by_text("Waiting", exact=True)).to_have_count(0)
    expect(row(desk, WRITTEN[1])).to_be_visible()
    expect(panel.locator(".group.mine .bubble")).to_have_text([f"You: {text}" for text in WRITTEN])
    assert panel.evaluate("() => window.troubled") == 0
    ours = [row["text"] for row in product.exported(token) if row["text"] in WRITTEN]
    assert ours == list(WRITTEN)
