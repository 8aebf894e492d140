"""What people read of a visitor's device, for headers that browsers really send."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.visitors.device import USER_AGENT_CHARACTERS, Device, device

_WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0"
_APPLE = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
_ANDROID = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("user_agent", "browser", "system", "kind"),
    [
        (f"{_WINDOWS} Safari/537.36", "Chrome 142", "Windows 10", "desktop"),
        (f"{_WINDOWS} Safari/537.36 Edg/142.0.0.0", "Edge 142", "Windows 10", "desktop"),
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
            "Firefox 145",
            "Linux",
            "desktop",
        ),
        (
            "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
            "Firefox 145",
            "Ubuntu",
            "desktop",
        ),
        (
            f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) {_APPLE} Version/26.1 Mobile/15E148 Safari/604.1",
            "Mobile Safari 26",
            "iOS 18",
            "phone (iPhone)",
        ),
        (
            f"Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) {_APPLE} Version/17.5 Mobile/15E148 Safari/604.1",
            "Mobile Safari 17",
            "iOS 17",
            "tablet",
        ),
        (
            f"Mozilla/5.0 (Linux; Android 10; K) {_ANDROID} Chrome/142.0.0.0 Mobile Safari/537.36",
            "Chrome Mobile 142",
            "Android 10",
            "phone",
        ),
        (
            f"Mozilla/5.0 (Linux; Android 10; K) {_ANDROID} Chrome/142.0.0.0 Safari/537.36",
            "Chrome 142",
            "Android 10",
            "tablet",
        ),
        (
            f"Mozilla/5.0 (Linux; Android 14; SM-S921B) {_ANDROID} SamsungBrowser/27.0 Chrome/125 Mobile Safari/537",
            "Samsung Internet 27",
            "Android 14",
            "phone (Samsung SM-S921B)",
        ),
        (
            "Mozilla/5.0 (Android 15; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0",
            "Firefox Mobile 145",
            "Android 15",
            "phone",
        ),
        (
            "Mozilla/5.0 (Android 15; Tablet; rv:145.0) Gecko/145.0 Firefox/145.0",
            "Firefox Mobile 145",
            "Android 15",
            "tablet",
        ),
        (
            f"Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) {_APPLE} Mobile/15E148 MicroMessenger/8.0.50",
            "WeChat Browser 8",
            "iOS 17",
            "phone (iPhone)",
        ),
    ],
)
def test_the_device_of_a_golden_header(user_agent: str, browser: str, system: str, kind: str) -> None:
    assert device(user_agent) == Device(browser, system, kind)


def test_no_header_says_nothing() -> None:
    assert device("") == Device("", "", "")


@pytest.mark.parametrize("user_agent", ["x", "👋" * 600, "aican-client", "((((", "\x00\n", "a" * 100_000])
def test_a_header_that_no_browser_sends_says_nothing(user_agent: str) -> None:
    assert device(user_agent) == Device("", "", "")


def test_a_browser_of_no_name_is_a_desktop_all_the_same() -> None:
    assert device("Mozilla/5.0") == Device("", "", "desktop")


def test_what_stands_behind_512_characters_is_not_looked_at() -> None:
    assert USER_AGENT_CHARACTERS == 512
    assert device("Mozilla/" + "x" * 512 + " Firefox/145.0 (iPad) Mobile") == Device("", "", "desktop")


@given(user_agent=st.text(max_size=100))
def test_any_header_has_a_device(user_agent: str) -> None:
    assert isinstance(device(user_agent), Device)
