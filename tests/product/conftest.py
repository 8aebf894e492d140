"""One running product for all tests of this folder, and a browser."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which

import httpx
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.product.pages import WIDE, Complaints, console, profile
from tests.product.running import OWNER, Product, owner_link

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A product that was started for the first time and has no owner yet."""
    with _started(tmp_path_factory) as product:
        yield product


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """One product for many tests. Its owner has set the password."""
    with _started(tmp_path_factory) as product:
        token = owner_link(product.started[0].said).partition("#")[2]
        answer = product.post("/api/v1/invitation/accept", {"token": token, **OWNER})
        assert answer.status_code == 200, answer.text
        yield product


@contextmanager
def _started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    home: Path = tmp_path_factory.mktemp("product")
    product = Product(home, home / "var")
    try:
        product.running()
        yield product
    finally:
        product.end()


@pytest.fixture(scope="session")
def token(product: Product) -> str:
    """A bearer token for exports."""
    return product.last_line("token", "create", "--name", "tests")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium from the system's packages."""
    found = which("chromium") or which("chromium-browser") or which("google-chrome")
    assert found, "no Chromium: config/scripts/browser.sh installs it"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=found, headless=True, args=CHROMIUM_FLAGS)
        yield running
        running.close()


@pytest.fixture
def complaints() -> Iterator[Complaints]:
    """What the pages of this test complain of. Anything that the test did not expect fails it."""
    complaints = Complaints()
    yield complaints
    assert complaints.unexpected() == []


@pytest.fixture
def tab(browser: Browser, complaints: Complaints) -> Iterator[Page]:
    """A fresh browser profile with one tab."""
    with profile(browser, complaints) as context:
        yield context.new_page()


@pytest.fixture(scope="session")
def cookies(product: Product) -> httpx.Cookies:
    """The owner's sign-in. One for all tests: an account may not sign in as often as there are tests."""
    return product.sign_in()


@pytest.fixture
def desk(browser: Browser, complaints: Complaints, product: Product, cookies: httpx.Cookies) -> Iterator[Page]:
    """The owner's console, signed in."""
    with profile(browser, complaints, viewport=WIDE) as context:
        yield console(context, product, cookies)
