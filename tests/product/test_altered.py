"""A message that somebody altered in the database."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from bson import Binary, UuidRepresentation
from playwright.sync_api import Page, expect
from pymongo import MongoClient

from tests.product.pages import answer, claim, opened_panel, panel_of, row, say
from tests.product.running import Product

pytestmark = [pytest.mark.browser, pytest.mark.processes]

TEXTS = ("One question about your terracotta pots.", "Do they survive frost?", "Down to minus ten degrees?")


def _alter(product: Product, conversation: str, seq: int) -> None:
    """Flips one bit of what is stored under this number."""
    where = {"_id.c": Binary.from_uuid(UUID(conversation), UuidRepresentation.STANDARD), "s": seq}
    with MongoClient[dict[str, Any]](product.mongodb_url) as client:
        messages = client["aican"]["messages"]
        found = messages.find_one(where)
        assert found is not None
        blob = bytearray(found["b"])
        blob[-1] ^= 1
        messages.update_one(where, {"$set": {"b": bytes(blob)}})


def test_it_is_told_on_both_sides_as_altered_and_as_nobodys(tab: Page, desk: Page, product: Product) -> None:
    tab.goto(f"{product.web}/demo")
    panel = opened_panel(tab)
    say(panel, TEXTS[0])
    claim(desk, TEXTS[0])
    for text in TEXTS[1:]:
        say(panel, text)
        expect(desk.get_by_role("main").get_by_text(text)).to_be_visible()
    answer(desk, "Yes, they do.")
    expect(panel.get_by_text("Yes, they do.")).to_be_visible()
    conversation = desk.url.rpartition("/")[2]
    for seq in (3, 5):  # 1 the question, 2 who joined, 3 and 4 the visitor's, 5 the answer
        _alter(product, conversation, seq)

    desk.reload()
    main = desk.get_by_role("main")
    expect(main.get_by_text("A message could not be opened: its record was altered")).to_have_count(2)
    expect(main.get_by_text("Tell your administrator").first).to_be_visible()
    expect(main.get_by_text(TEXTS[2])).to_be_visible()
    expect(main.get_by_text(TEXTS[1])).to_have_count(0)
    expect(main.get_by_text("A colleague")).to_have_count(0)
    expect(row(desk, "A message could not be opened")).to_be_visible()

    tab.reload()
    panel = panel_of(tab)
    expect(panel.get_by_text("A message could not be opened")).to_have_count(2)
    expect(panel.get_by_text(TEXTS[2])).to_be_visible()
    expect(panel.locator(".group.theirs")).to_have_count(0)
