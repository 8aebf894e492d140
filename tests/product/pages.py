"""What a person does in the pages, and what the browser complains of meanwhile."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Frame,
    Locator,
    Page,
    ViewportSize,
    expect,
)

from tests.product.running import OWNER, Product

DESKTOP: ViewportSize = {"width": 1280, "height": 800}
WIDE: ViewportSize = {"width": 1440, "height": 900}


@dataclass
class Complaints:
    """Errors and warnings on the pages' consoles, violated policies among them, and exceptions that nobody caught."""

    heard: list[str] = field(default_factory=list)
    _expected: list[str] = field(default_factory=list)

    def listen(self, page: Page) -> None:
        """From now on, to this page and its frames."""
        page.on("console", self._console)
        page.on("pageerror", self._uncaught)

    def expect(self, pattern: str) -> None:
        """What the test itself causes, such as a line that is cut, is no complaint of it."""
        self._expected.append(pattern)

    def unexpected(self) -> list[str]:
        """Everything else."""
        return [one for one in self.heard if not any(re.search(pattern, one) for pattern in self._expected)]

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.heard.append(f"{message.type} {message.text} ({message.location.get('url')})")

    def _uncaught(self, error: Error) -> None:
        self.heard.append(f"uncaught {error}")


@contextmanager
def profile(
    browser: Browser, complaints: Complaints, *, viewport: ViewportSize = DESKTOP, locale: str = "en-GB"
) -> Iterator[BrowserContext]:
    """A fresh browser profile whose pages are listened to."""
    context = browser.new_context(viewport=viewport, locale=locale)
    context.on("page", complaints.listen)
    try:
        yield context
    finally:  # a console left open by a test that failed would read the messages of those after it
        context.close()


def console(
    context: BrowserContext, product: Product, cookies: httpx.Cookies, path: str = "", *, name: str = OWNER["name"]
) -> Page:
    """The console in this profile of who signed in, ``name``, with its list."""
    context.add_cookies([{"name": name, "value": value, "url": product.web} for name, value in cookies.items()])
    page = context.new_page()
    # Other tests may have left a long queue: all of it is shown as soon as its end is hidden.
    more = page.get_by_role("button", name=re.compile(r"^(Show \d|再显示)"))
    page.add_locator_handler(more, lambda button: button.click())
    page.goto(f"{product.web}/console{path}")
    expect(page.get_by_text(name).first).to_be_visible()
    return page


# --- the visitor ------------------------------------------------------------------------------------------------------


def opened_panel(page: Page) -> Frame:
    """The panel's frame, after the visitor pressed the launcher."""
    page.mouse.click(DESKTOP["width"] - 44, DESKTOP["height"] - 44)
    return panel_of(page)


def panel_of(page: Page) -> Frame:
    """The panel's frame; it is behind a closed shadow root, so that the page cannot reach into it."""
    for _ in range(200):
        for frame in page.frames:
            if "/panel?" in frame.url and frame.locator("textarea, .wide").count():
                return frame
        page.wait_for_timeout(50)
    raise AssertionError("the panel did not open")


def say(panel: Frame, text: str) -> None:
    """Writes and presses Enter."""
    panel.get_by_label("Your message").fill(text)
    panel.get_by_label("Your message").press("Enter")


def kept(panel: Frame) -> None:
    """Waits until the visitor's last words are in the record, however far they got since."""
    expect(panel.locator(".group.mine .status").last).to_have_text(re.compile("^(Sent|Delivered|Read)$"))


# --- the agent --------------------------------------------------------------------------------------------------------


def row(desk: Page, text: str) -> Locator:
    """The conversation in the list that shows this text."""
    return desk.locator("[data-row]").filter(has_text=text).first


def claim(desk: Page, text: str) -> None:
    """Opens the conversation that shows this text, and takes it."""
    row(desk, text).click()
    desk.get_by_role("main").get_by_role("button", name=re.compile("^Claim")).first.click()
    expect(desk.locator("main textarea")).to_be_visible()


def answer(desk: Page, text: str) -> None:
    """Writes into the open conversation and presses Enter."""
    desk.locator("main textarea").fill(text)
    desk.locator("main textarea").press("Enter")
