"""What the widget says while it has no connection."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.product.pages import Complaints, kept, opened_panel, row, say
from tests.product.running import Product, halted

pytestmark = [pytest.mark.browser, pytest.mark.processes]


def test_without_a_connection_nobody_is_said_to_be_here_and_what_is_written_is_kept(
    tab: Page, desk: Page, product: Product, complaints: Complaints
) -> None:
    complaints.expect("ERR_INTERNET_DISCONNECTED")
    tab.goto(f"{product.web}/demo")
    panel = opened_panel(tab)
    presence = panel.locator("header .presence")
    expect(presence).to_have_text("We’re here")
    expect(presence).to_have_class(re.compile(r"\bhere\b"))

    # The browser's own switch cuts no line that is open: the gateway falls silent, too.
    with halted(product.pid("gateway")):
        tab.context.set_offline(True)
        # Asked at once, it does not answer: it is doubted after 0.75 s, and a blip of up to a second is not told of.
        expect(presence).to_have_text("Not connected", timeout=8_000)
        expect(presence).not_to_have_class(re.compile(r"\bhere\b"))
        expect(panel.get_by_role("status").get_by_text("You’re offline. Your messages are kept.")).to_be_visible()
        say(panel, "Written in the underpass.")
        expect(panel.get_by_text("Waiting", exact=True)).to_be_visible()
        tab.context.set_offline(False)
        expect(panel.get_by_role("status").get_by_text("Reconnecting… your messages are kept")).to_be_visible()
        expect(presence).to_have_text("Not connected")
    kept(panel)
    expect(presence).to_have_text("We’re here")
    expect(row(desk, "Written in the underpass.")).to_be_visible()


def test_a_blip_of_half_a_second_is_never_told_of(tab: Page, product: Product) -> None:
    tab.goto(f"{product.web}/demo")
    panel = opened_panel(tab)
    presence = panel.locator("header .presence")
    expect(presence).to_have_class(re.compile(r"\bpresence\b"))
    panel.evaluate(
        "() => { const it = document.querySelector('header .presence'); window.told = [];"
        " new MutationObserver(() => window.told.push(it.textContent)).observe(it,"
        " { characterData: true, childList: true, subtree: true }) }"
    )
    with halted(product.pid("gateway")):
        panel.evaluate("() => window.dispatchEvent(new Event('offline'))")
        tab.wait_for_timeout(500)
    tab.wait_for_timeout(2_500)
    assert "Not connected" not in panel.evaluate("() => window.told")
