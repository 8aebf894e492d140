"""What people type about themselves, and where sites are."""

from __future__ import annotations

import pytest

from chat.accounts.embedding import checked_origin
from chat.accounts.forms import checked_email, checked_name
from chat.accounts.links import invitation_link
from chat.errors import Invalid


@pytest.mark.parametrize(
    ("origin", "normal"),
    [
        ("https://shop.example", "https://shop.example"),
        (" https://SHOP.example/ ", "https://shop.example"),
        ("https://shop.example:443", "https://shop.example"),
        ("http://shop.example:80", "http://shop.example"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
    ],
)
def test_an_origin_is_spelled_as_browsers_do(origin: str, normal: str) -> None:
    assert checked_origin(origin) == normal


@pytest.mark.parametrize(
    "origin",
    [
        "",
        "*",
        "shop.example",
        "https://*.shop.example",
        "https://shop.example/page",
        "https://shop.example?x",
        "https://shop.example#x",
        "https://user@shop.example",
        "ftp://shop.example",
        "javascript:alert(1)",
        "null",
        "https://",
        "https://shop.example:0",
        "https://shop.example:99999",
        "https://shop.example:x",
        "https://shop example",
        "https://shop.example; script-src *",
        "https://shop.example\r\nX: y",
        "https://'self'",
        "https://[::1",
        "https://-shop.example",
        "https://" + "a" * 300,
    ],
)
def test_anything_else_is_no_origin(origin: str) -> None:
    with pytest.raises(Invalid) as told:
        checked_origin(origin)
    assert told.value.field == "origin"


@pytest.mark.parametrize("name", ["Anna", "Nguyễn Văn A", "王小明", "محمد", "O'Brien-Smith", "नमस्ते", "می‌خواهم"])
def test_names_of_many_scripts_are_names(name: str) -> None:
    assert checked_name(name) == name


def test_a_name_is_one_line() -> None:
    assert checked_name("  Anna \n\t Berg ") == "Anna Berg"


@pytest.mark.parametrize(
    "name", ["", " ", "x" * 81, "a\x00b", "a\u202eb", "a\u2066b", "\ufeffa", "a\ue000b", "a\ud800b"]
)
def test_what_pretends_is_no_name(name: str) -> None:
    with pytest.raises(Invalid):
        checked_name(name)


@pytest.mark.parametrize("email", ["", "anna", "@x.example", "a@b", "a b@x.example", "\ud800@x.example"])
def test_what_is_no_address_is_refused(email: str) -> None:
    with pytest.raises(Invalid) as told:
        checked_email(email)
    assert told.value.field == "email"


def test_space_around_an_address_is_nobodys() -> None:
    assert checked_email(" anna@X.example\n") == "anna@x.example"


def test_a_links_token_stays_in_the_browser() -> None:
    assert invitation_link("https://chat.example/", "T") == "https://chat.example/console/welcome#T"
