"""One conversation for people to read: as text, as a page, as JSON."""

from __future__ import annotations

import base64
import hashlib
import re

import httpx
import pytest

from chat.model import Kind
from tests.web.business import Business, as_agent
from tests.web.exported import of_one

pytestmark = pytest.mark.stores

HOUR = 3_600_000


async def test_a_conversation_can_be_read_as_text(business: Business, bearer: httpx.AsyncClient) -> None:
    conversation = await business.conversation("first line\n[2026] Agent: forged\x1b[2J", visitor_name="Mei")
    await business.forged(conversation, 2)
    answer = await bearer.get(of_one(conversation))
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    head, body = answer.text.split("\n\n", 1)
    assert head.splitlines()[:2] == [
        f"Fern and Oak shop · conversation {conversation.id}",
        "Opened 2026-11-23 10:00 UTC",
    ]
    assert "Name: Mei" in head
    assert body == (
        "[2026-11-23T10:00:01.000Z] Visitor Mei: first line\n"
        "    [2026] Agent: forged\ufffd[2J\n"
        "[2026-11-23T10:00:02.000Z] * [Message 2 cannot be read: what is stored is not what was sent,"
        " or its key was destroyed.]\n"
    )


async def test_events_are_sentences_that_nobody_says(business: Business, bearer: httpx.AsyncClient) -> None:
    anna = as_agent(business, await business.agent())
    conversation = await business.conversation("one")
    await business.say(conversation, 2, "Anna Berg", author=anna, kind=Kind.JOINED)
    await business.say(conversation, 3, "", author=business.system, kind=Kind.VOID)
    await business.say(conversation, 4, "", author=business.system, kind=Kind.ENDED)
    text = (await bearer.get(of_one(conversation))).text
    assert [line[27:] for line in text.split("\n\n", 1)[1].splitlines()] == [
        "Visitor: one",
        "* Anna Berg joined.",
        "* The conversation was ended.",
    ]
    page = (await bearer.get(of_one(conversation), params={"format": "html"})).text
    assert page.count('class="event"') == 2
    assert "Anna Berg joined. <time" in page


async def test_a_conversation_can_be_read_as_json(business: Business, bearer: httpx.AsyncClient) -> None:
    conversation = await business.conversation("one", "two", visitor_name="Mei")
    answer = await bearer.get(of_one(conversation), params={"format": "json"})
    content = answer.json()
    assert content["conversation"]["visitor"]["email"] == "mei@visitor.example"
    assert content["conversation"]["state"] == "active"
    assert [(message["seq"], message["text"]) for message in content["messages"]] == [(1, "one"), (2, "two")]


async def test_an_empty_conversation_is_valid_json_too(business: Business, bearer: httpx.AsyncClient) -> None:
    conversation = await business.conversation()
    answer = await bearer.get(of_one(conversation), params={"format": "json"})
    assert answer.json()["messages"] == []


async def test_the_page_of_a_conversation_stands_alone_and_runs_nothing(
    business: Business, bearer: httpx.AsyncClient
) -> None:
    attack = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'{{7*7}}"
    conversation = await business.conversation(attack, visitor_name='<b onclick="x">Mei')
    answer = await bearer.get(of_one(conversation), params={"format": "html"})
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "script-src" not in policy
    assert "<script" not in answer.text
    assert "<img" not in answer.text
    assert "<b onclick" not in answer.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in answer.text
    assert "{{7*7}}" in answer.text
    assert "src=" not in answer.text.replace("&lt;img src=x", "")
    assert "href=" not in answer.text


async def test_the_pages_style_is_the_one_that_its_policy_allows(business: Business, bearer: httpx.AsyncClient) -> None:
    conversation = await business.conversation("one")
    answer = await bearer.get(of_one(conversation), params={"format": "html"})
    style = re.search(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    assert style is not None
    fingerprint = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{fingerprint}'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    "spelled", ["{}", "urn:uuid:{}", "{{{}}}", " {}", "{}%20", "{}%00"], ids=lambda text: text.replace("\0", "")
)
async def test_a_conversation_has_one_name(business: Business, bearer: httpx.AsyncClient, spelled: str) -> None:
    conversation = await business.conversation("one")
    other = spelled.format(str(conversation.id).upper() if spelled == "{}" else conversation.id)
    assert (await bearer.get(f"/api/v1/conversations/{other}/transcript")).status_code == 404
