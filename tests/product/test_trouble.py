"""What visitors see of a chat that cannot be there, or not yet; and what the people who make the page are told."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from tests.product.pages import DESKTOP, Complaints, kept, opened_panel, panel_of, profile, say
from tests.product.running import Product, halted
from tests.product.shop import Seen, shop, snippet, widget

pytestmark = [pytest.mark.browser, pytest.mark.processes]

AWAY = "The chat cannot be reached, trying again…"
NOT_HERE = "Chat is not available on this page."
REFUSED_FRAME = r"frame-ancestors|postMessage|404|ERR_BLOCKED_BY_RESPONSE"


def _until(page: Page, holds: Callable[[Seen], bool], within_s: float = 10.0) -> Seen:
    """The widget once it is as wanted."""
    for _ in range(int(within_s * 20)):
        seen = widget(page)
        if holds(seen):
            return seen
        page.wait_for_timeout(50)
    raise AssertionError(f"the widget stays like this: {widget(page)}")


def _is_there(page: Page) -> bool:
    """Whether a press at its place would reach the launcher."""
    at = "() => document.elementFromPoint(innerWidth - 48, innerHeight - 48)?.id"
    return bool(page.evaluate(at) == "aican")


def test_while_nothing_answers_the_launcher_says_so_and_the_panel_comes_by_itself(
    browser: Browser, complaints: Complaints, fresh: Product
) -> None:
    complaints.expect("ERR_CONNECTION_REFUSED|postMessage")
    with profile(browser, complaints) as context:
        tab = context.new_page()
        tab.goto(f"{fresh.web}/demo")
        fresh.end()
        tab.evaluate("() => Aican.open()")
        assert _until(tab, lambda seen: seen.reach != "loading").said == AWAY
        fresh.running()
        panel = panel_of(tab)
        expect(panel.locator(".greeting")).to_be_visible(timeout=30_000)
        expect(panel.get_by_label("Your message")).to_be_focused()
        assert widget(tab).reach == "here"


def test_when_the_network_comes_back_the_panel_comes_at_once(
    tab: Page, product: Product, complaints: Complaints
) -> None:
    complaints.expect("ERR_INTERNET_DISCONNECTED|postMessage")
    tab.goto(f"{product.web}/demo")
    tab.context.set_offline(True)
    # Such luck makes the first wait a minute long: nothing but the network's return can end it here.
    tab.evaluate("() => { Math.random = () => 60; Aican.open(); }")
    _until(tab, lambda seen: seen.reach == "trying")
    tab.context.set_offline(False)
    assert _until(tab, lambda seen: seen.reach == "here").said == ""


def test_while_the_store_hangs_there_is_a_word_and_no_white_box(tab: Page, product: Product) -> None:
    tab.goto(f"{product.web}/demo")
    with halted(product.pid("mongodb")):
        tab.evaluate("() => Aican.open()")
        assert widget(tab).reach == "loading"
        assert _until(tab, lambda seen: seen.reach == "trying").said == AWAY
        # The cross, which a phone needs: there the panel's place covers the launcher.
        tab.mouse.click(DESKTOP["width"] - 52, 52)
        assert tab.evaluate("() => Aican.isOpen") is False
    expect(opened_panel(tab).locator(".greeting")).to_be_visible(timeout=30_000)


def test_a_page_that_is_not_listed_has_no_broken_frame_and_its_maker_is_told_what_to_do(
    browser: Browser, complaints: Complaints, product: Product
) -> None:
    complaints.expect(REFUSED_FRAME)
    complaints.expect("Aican: the site's list")
    key = product.last_line("site", "create", "--name", "Shop", "--origin", "https://elsewhere.example")
    with shop(snippet(product.web, key)) as here, profile(browser, complaints) as context:
        tab = context.new_page()
        warned: list[str] = []
        tab.on("console", lambda message: warned.append(_warning(message)))
        tab.goto(here.origin)
        tab.wait_for_function("() => window.Aican")
        assert _is_there(tab)
        tab.evaluate("() => Aican.open()")
        assert _until(tab, lambda seen: seen.reach == "refused").said == NOT_HERE
        told = [line for line in warned if line.startswith("Aican:")]
        remedy = f"aican site set {key} --add-origin {here.origin}"
        assert told == [f"Aican: the site's list does not name {here.origin}. Run: {remedy}"]

        tab.evaluate("() => Aican.close()")
        assert widget(tab).hidden
        assert not _is_there(tab)

        # The remedy is one.
        done = product.run(*remedy.split()[1:])
        assert done.returncode == 0, done.stderr
        tab.reload()
        tab.wait_for_function("() => window.Aican")
        assert tab.evaluate("() => Aican.isOpen") is False
        assert [frame.url for frame in tab.frames if "/panel" in frame.url] == []
        panel = opened_panel(tab)
        say(panel, "Good that you are here now.")
        kept(panel)


@pytest.mark.parametrize(("locale", "told"), [("en-GB", NOT_HERE), ("zh-CN", "此页面暂不提供聊天服务。")])
def test_an_unknown_key_is_told_likewise(
    locale: str, told: str, browser: Browser, complaints: Complaints, product: Product
) -> None:
    complaints.expect(REFUSED_FRAME)
    complaints.expect('Aican: there is no site with the key "no-such-key".* `aican site create` makes one')
    with shop(snippet(product.web, "no-such-key")) as here, profile(browser, complaints, locale=locale) as context:
        tab = context.new_page()
        tab.goto(here.origin)
        tab.wait_for_function("() => window.Aican")
        with tab.expect_console_message(lambda message: message.text.startswith("Aican:")):
            tab.evaluate("() => Aican.open()")
        assert _until(tab, lambda seen: seen.reach == "refused").said == told


def _warning(message: ConsoleMessage) -> str:
    return message.text if message.type == "warning" else ""


HOSTILE = """<style>
  div { display: none !important; }
  * { visibility: hidden !important; opacity: 0 !important; pointer-events: none !important; }
  #aican { position: static !important; transform: scale(0) !important; clip-path: inset(50%) !important; }
  div:empty { inline-size: 0 !important; content-visibility: hidden !important; filter: blur(9px) !important; }
  @layer shop { body > div { display: none !important; z-index: -1 !important; } }
  button, iframe, p { display: none !important; all: unset !important; }
</style>"""


def test_no_rule_of_the_page_for_its_own_elements_hides_the_widget(
    browser: Browser, complaints: Complaints, product: Product
) -> None:
    with shop() as here, profile(browser, complaints) as context:
        key = product.last_line("site", "create", "--name", "Shop", "--origin", here.origin)
        here.body = HOSTILE + snippet(product.web, key)
        tab = context.new_page()
        tab.goto(here.origin)
        tab.wait_for_function("() => window.Aican")
        assert _is_there(tab)
        style = tab.evaluate(
            "() => { const it = getComputedStyle(document.getElementById('aican'));"
            " return [it.display, it.visibility, it.opacity, it.pointerEvents, it.position, it.transform, it.zIndex] }"
        )
        assert style == ["block", "visible", "1", "auto", "fixed", "none", "2147483000"]
        panel = opened_panel(tab)
        expect(panel.locator(".greeting")).to_be_visible()


def test_nothing_is_asked_for_before_the_visitor_opens_it_not_even_when_the_network_returns(
    tab: Page, product: Product
) -> None:
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto(f"{product.web}/demo")
    tab.wait_for_load_state("networkidle")
    tab.evaluate("() => window.dispatchEvent(new Event('online'))")
    tab.wait_for_timeout(1_500)
    assert [url for url in asked if re.search(r"/panel|/assets/", url)] == []
    assert widget(tab).reach is None
