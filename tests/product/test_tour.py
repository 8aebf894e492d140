"""The product as people see it: a visitor in one browser tab, an agent in another, the real processes behind them."""

from __future__ import annotations

import csv
import io
import re

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.commands.eventually import eventually
from tests.product.pages import DESKTOP, Complaints, answer, claim, kept, opened_panel, panel_of, row, say
from tests.product.running import OWNER, Product, owner_link

pytestmark = [pytest.mark.browser, pytest.mark.processes]


def test_the_owner_link_sets_the_password_once(tab: Page, fresh: Product, complaints: Complaints) -> None:
    link = owner_link(fresh.started[0].said)
    tab.goto(link)
    tab.get_by_label("Your name").fill(OWNER["name"])
    tab.get_by_label("E-mail").fill(OWNER["email"])
    tab.get_by_label("Password", exact=True).fill(OWNER["password"])
    tab.get_by_role("button", name="Enter the workspace").click()
    expect(tab.get_by_text("This is where you talk to your visitors")).to_be_visible()

    tab.context.clear_cookies()
    complaints.expect(r"status of 404 .*/api/v1/invitation")
    tab.goto("about:blank")
    tab.goto(link)
    expect(tab.get_by_text("This link was used already, or is too old")).to_be_visible()


def test_nothing_is_stored_and_nothing_connects_before_the_visitor_opens_the_chat(tab: Page, product: Product) -> None:
    requested: list[str] = []
    sockets: list[str] = []
    tab.on("request", lambda request: requested.append(request.url))
    tab.on("websocket", lambda socket: sockets.append(socket.url))
    tab.goto(f"{product.web}/demo")
    tab.wait_for_load_state("networkidle")
    assert any("/widget.js" in url for url in requested)
    assert not any("/panel" in url or "/api/" in url for url in requested)
    assert sockets == []
    assert tab.context.cookies() == []
    assert tab.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]

    expect(opened_panel(tab).locator(".greeting")).to_be_visible()
    assert any("/panel" in url for url in requested)
    assert len(sockets) == 1


def test_a_message_reaches_the_console_the_answer_comes_back_and_the_export_has_both(
    tab: Page, desk: Page, product: Product, token: str
) -> None:
    tab.goto(f"{product.web}/demo")
    panel = opened_panel(tab)
    expect(panel.get_by_text("Hello! How can we help you today?")).to_be_visible()
    expect(panel.get_by_role("link", name="privacy policy")).to_be_visible()
    say(panel, "Is the monstera easy to keep? 龟背竹好养吗？")
    kept(panel)

    claim(desk, "Is the monstera easy to keep?")
    expect(desk.get_by_text("Firefox").or_(desk.get_by_text("Chrom")).first).to_be_visible()
    expect(panel.get_by_text(f"{OWNER['name']} joined")).to_be_visible()
    expect(panel.get_by_text("Read", exact=True)).to_be_visible()

    desk.locator("main textarea").press_sequentially("Yes")
    expect(panel.get_by_text(f"{OWNER['name']} is typing")).to_be_visible()
    answer(desk, "Yes: bright shade, and water once a week.")
    expect(panel.get_by_text("Yes: bright shade, and water once a week.")).to_be_visible()

    texts = [row["text"] for row in product.exported(token)]
    assert "Is the monstera easy to keep? 龟背竹好养吗？" in texts
    assert "Yes: bright shade, and water once a week." in texts
    export = httpx.get(f"{product.web}/api/v1/transcripts?format=csv", headers={"Authorization": f"Bearer {token}"})
    rows = list(csv.DictReader(io.StringIO(export.content.decode("utf-8-sig"))))
    assert "Yes: bright shade, and water once a week." in [row["text"] for row in rows]


def test_the_chat_is_there_after_a_reload_and_in_a_second_tab(tab: Page, desk: Page, product: Product) -> None:
    tab.goto(f"{product.web}/demo")
    say(opened_panel(tab), "I shall reload this page in a moment.")
    kept(panel_of(tab))

    tab.reload()
    panel = panel_of(tab)
    expect(panel.get_by_text("I shall reload this page in a moment.")).to_be_visible()

    second = tab.context.new_page()
    second.set_viewport_size(DESKTOP)
    second.goto(f"{product.web}/demo")
    other = opened_panel(second)
    expect(other.get_by_text("I shall reload this page in a moment.")).to_be_visible()
    say(other, "And this is my second tab.")
    expect(panel.get_by_text("And this is my second tab.")).to_be_visible()


def test_a_message_written_while_the_line_is_cut_goes_out_when_it_is_back(
    tab: Page, desk: Page, product: Product, complaints: Complaints
) -> None:
    complaints.expect("ERR_INTERNET_DISCONNECTED")
    tab.goto(f"{product.web}/demo")
    panel = opened_panel(tab)
    say(panel, "The train goes into a tunnel soon.")
    kept(panel)
    tab.context.set_offline(True)
    say(panel, "Now we are in the tunnel.")
    expect(panel.get_by_text("Now we are in the tunnel.")).to_be_visible()
    tab.context.set_offline(False)
    expect(row(desk, "Now we are in the tunnel.")).to_be_visible(timeout=30_000)
    expect(panel.get_by_text("Now we are in the tunnel.")).to_have_count(1)


SECOND = "And a second question, about returns."


def test_an_ended_conversation_says_so_on_both_sides_and_a_new_one_can_begin(
    tab: Page, desk: Page, product: Product, token: str
) -> None:
    tab.goto(f"{product.web}/demo")
    panel = opened_panel(tab)
    say(panel, "One short question about delivery.")
    claim(desk, "One short question about delivery.")
    expect(panel.get_by_text(f"{OWNER['name']} joined")).to_be_visible()
    desk.get_by_role("button", name="End", exact=True).click()
    desk.get_by_role("button", name="End conversation").click()
    expect(panel.get_by_text("Conversation ended")).to_be_visible()
    expect(desk.get_by_text(re.compile("This conversation has ended")).first).to_be_visible()

    panel.get_by_role("button", name="Start a new conversation").click()
    panel = panel_of(tab)
    say(panel, SECOND)
    kept(panel)
    rows = [row for row in product.exported(token) if row["text"] in ("One short question about delivery.", SECOND)]
    assert len({row["conversation"] for row in rows}) == 2
    assert len({row["visitor"] for row in rows}) == 1


def test_the_unread_badge_counts_what_arrives_while_the_panel_is_closed(
    tab: Page, desk: Page, product: Product
) -> None:
    tab.goto(f"{product.web}/demo")
    say(opened_panel(tab), "I look at the plants meanwhile.")
    claim(desk, "I look at the plants meanwhile.")
    # In braces: what ``on`` returns undoes it, and Playwright calls a function that it is given back.
    tab.evaluate("() => { window.unread = []; window.Aican.on('unread', count => window.unread.push(count)); }")
    tab.evaluate("window.Aican.close()")
    answer(desk, "Take your time.")
    eventually(lambda: tab.evaluate("window.unread.some(count => count >= 1)"))
