"""A message that somebody altered in the database."""

from __future__ import annotations

import subprocess
import threading
from typing import Any
from uuid import UUID

import pytest
from bson import Binary, UuidRepresentation
from playwright.sync_api import Page, expect
from pymongo import MongoClient

from tests.commands.running import AICAN, clean_environment
from tests.product.pages import answer, claim, opened_panel, panel_of, row, say
from tests.product.running import Product, run_to_its_end

pytestmark = [pytest.mark.browser, pytest.mark.processes]

TEXTS = ("One question about your terracotta pots.", "Do they survive frost?", "Down to minus ten degrees?")


def _at(conversation: UUID, seq: int) -> dict[str, Any]:
    return {"_id.c": Binary.from_uuid(conversation, UuidRepresentation.STANDARD), "s": seq}


def _alter(product: Product, conversation: str, seq: int) -> None:
    """Flips one bit of what is stored under this number."""
    where = _at(UUID(conversation), seq)
    with MongoClient[dict[str, Any]](product.mongodb_url) as client:
        messages = client["aican"]["messages"]
        found = messages.find_one(where)
        assert found is not None
        blob = bytearray(found["b"])
        blob[-1] ^= 1
        messages.update_one(where, {"$set": {"b": bytes(blob)}})


def _renumber(product: Product, conversation: UUID, seq: int) -> None:
    """Gives what is stored under this number one that no message has."""
    with MongoClient[dict[str, Any]](product.mongodb_url) as client:
        assert client["aican"]["messages"].update_one(_at(conversation, seq), {"$set": {"s": 0}}).modified_count


async def _said(product: Product) -> tuple[UUID, str]:
    """A conversation, and its visitor's token."""
    async with product.visitor() as visitor:
        for text in TEXTS:
            await visitor.post(visitor.conversation, f"{text} (from a terminal)")
        assert visitor.token is not None
        return visitor.conversation, visitor.token


def test_one_that_was_renumbered_to_no_number_is_told_of_in_the_terminal(product: Product) -> None:
    conversation, token = run_to_its_end(_said(product))
    _renumber(product, conversation, 3)
    with subprocess.Popen(
        [AICAN, "chat", "--site", product.site_key(), "--token", token],
        cwd=product.home,
        env=clean_environment(product.settings()),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as chat:
        assert chat.stdin
        assert chat.stdout
        patience = threading.Timer(30, chat.kill)
        patience.start()
        greeting, *shown = [chat.stdout.readline().strip() for _ in range(3)]
        rest, _ = chat.communicate("/end\n")
        patience.cancel()
    assert greeting.startswith("Fern & Oak: ")
    altered = "— a message cannot be shown: its record was altered"
    # The message that has no number any more, which comes first, and the place in which it was.
    assert [*shown, *rest.splitlines()] == [altered, altered, "— the conversation has ended"]


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
