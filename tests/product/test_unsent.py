"""What the visitor wrote and the server does not have outlives the tab."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.product.pages import Complaints, kept, opened_panel, panel_of, profile, say
from tests.product.running import Product, halted

pytestmark = [pytest.mark.browser, pytest.mark.processes]

ENTRIES = "() => Object.keys(localStorage).filter((name) => name.startsWith('aican:drafts:')).length"


def test_what_was_written_offline_is_sent_by_another_open_tab_and_by_the_next_one_once(
    browser: Browser, product: Product, complaints: Complaints
) -> None:
    complaints.expect("ERR_INTERNET_DISCONNECTED")
    with profile(browser, complaints) as context:
        first, other = context.new_page(), context.new_page()
        for tab in (first, other):
            tab.goto(f"{product.web}/demo")
        mine, theirs = opened_panel(first), opened_panel(other)
        say(mine, "Before the tunnel.")
        kept(mine)
        with halted(product.pid("gateway")):
            context.set_offline(True)
            say(mine, "In the tunnel.")
            expect(mine.get_by_text("Waiting", exact=True)).to_be_visible(timeout=10_000)
            expect(theirs.get_by_text("In the tunnel.")).to_have_count(0)
            first.close()
            expect(theirs.get_by_text("In the tunnel.")).to_have_count(1)
            other.close()
            context.set_offline(False)
        again = context.new_page()
        again.goto(f"{product.web}/demo")
        panel = opened_panel(again)
        kept(panel)
        expect(panel.get_by_text("In the tunnel.")).to_have_count(1)
        assert panel.evaluate(ENTRIES) == 0, "an accepted text does not stay on the device"
        again.reload()
        expect(panel_of(again).get_by_text("In the tunnel.")).to_have_count(1)


def test_what_stands_in_the_composer_outlives_a_reload_and_is_gone_once_it_is_sent(
    browser: Browser, product: Product, complaints: Complaints
) -> None:
    with profile(browser, complaints) as context:
        tab = context.new_page()
        tab.goto(f"{product.web}/demo")
        opened_panel(tab).get_by_label("Your message").fill("Half a sen")
        tab.reload()
        panel = panel_of(tab)
        expect(panel.get_by_label("Your message")).to_have_value("Half a sen")
        say(panel, "Half a sentence.")
        kept(panel)
        tab.reload()
        panel = panel_of(tab)
        expect(panel.get_by_text("Half a sentence.")).to_be_visible()
        expect(panel.get_by_label("Your message")).to_have_value("")
