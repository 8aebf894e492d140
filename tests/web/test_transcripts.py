"""What was said, on its way out: whole, in order, only to those it belongs to."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from msgspec.structs import replace
from pymongo import MongoClient
from starlette.applications import Starlette

from chat.accounts.secret import digest
from chat.clock import SystemClock, new_id
from chat.ids import ConversationId, Seq
from chat.model import Actor, Conversation, Kind, State
from chat.transcripts.transcripts import Request
from chat.transcripts.writing import PIECE_BYTES, Format, written
from config.settings import Settings
from gateway.bootstrap import Stores
from gateway.web.parts import WebParts
from storage.mongo.conversations import MongoConversations
from tests.web.business import TEN_O_CLOCK, Business, as_agent
from tests.web.conftest import Browser, connected

pytestmark = pytest.mark.stores

HOUR = 3_600_000
EXPORT = "/api/v1/transcripts"


@pytest.fixture
async def bearer(app: Starlette, business: Business) -> AsyncIterator[httpx.AsyncClient]:
    """A program with a token of the business."""
    async with connected(app, Authorization=f"Bearer {await business.token()}") as client:
        yield client


def lines(answer: httpx.Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


def records(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


async def test_an_export_tells_who_said_what_and_when(business: Business, bearer: httpx.AsyncClient) -> None:
    anna = await business.agent()
    conversation = await business.conversation("您好, is the chair in stock?", visitor_name="Mei")
    agent = as_agent(business, anna)
    await business.say(conversation, 2, "Anna Berg", author=agent, kind=Kind.JOINED)
    await business.say(conversation, 3, "It is! 👋", author=agent)
    await business.say(conversation, 4, "", author=business.system, kind=Kind.ENDED)
    answer = await bearer.get(EXPORT)
    assert answer.headers["content-type"] == "application/x-ndjson"
    asked, joined, answered, ended = lines(answer)
    assert asked == {
        "conversation": str(conversation.id),
        "site": str(business.site.id),
        "opened_at": "2026-11-23T10:00:00.000Z",
        "ended_at": "",
        "visitor": str(conversation.visitor),
        "seq": 1,
        "at": "2026-11-23T10:00:01.000Z",
        "kind": "text",
        "role": "visitor",
        "author_id": str(conversation.visitor),
        "author": "Mei",
        "text": "您好, is the chair in stock?",
        "error": "",
    }
    assert (joined["kind"], joined["text"]) == ("joined", "Anna Berg")
    assert (answered["role"], answered["author"], answered["text"]) == ("agent", "Anna Berg", "It is! 👋")
    assert (ended["kind"], ended["role"], ended["author"]) == ("ended", "system", "")


async def test_order_is_by_opening_then_by_number(business: Business, bearer: httpx.AsyncClient) -> None:
    for hour in (3, 1, 2):
        await business.conversation(f"{hour}:1", f"{hour}:2", f"{hour}:3", opened_at=TEN_O_CLOCK + hour * HOUR)
    said = [line["text"] for line in lines(await bearer.get(EXPORT))]
    assert said == [f"{hour}:{seq}" for hour in (1, 2, 3) for seq in (1, 2, 3)]


async def test_both_formats_say_the_same(business: Business, bearer: httpx.AsyncClient) -> None:
    await business.conversation('a "quoted", line\r\nand another', "\tplain", "= 1 + 1")
    as_csv = records(await bearer.get(EXPORT, params={"format": "csv"}))
    as_json = [{name: str(value) for name, value in line.items()} for line in lines(await bearer.get(EXPORT))]
    assert list(as_csv[0]) == list(as_json[0])
    assert [row["text"] for row in as_csv] == ['a "quoted", line\r\nand another', "'\tplain", "'= 1 + 1"]
    assert [{**row, "text": ""} for row in as_csv] == [{**row, "text": ""} for row in as_json]


async def test_csv_is_a_download_that_spreadsheets_read_as_utf8(business: Business, bearer: httpx.AsyncClient) -> None:
    answer = await bearer.get(EXPORT, params={"format": "csv"})
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert answer.content.endswith(b'"error"\r\n')
    assert answer.headers["content-type"].startswith("text/csv; charset=utf-8")
    assert answer.headers["content-disposition"] == 'attachment; filename="aican-transcripts.csv"'
    assert answer.headers["cache-control"] == "no-store"


async def test_an_export_can_be_of_one_site_and_one_time(business: Business, bearer: httpx.AsyncClient) -> None:
    second = await business.another_site()
    await business.conversation("before", opened_at=TEN_O_CLOCK - 1)
    await business.conversation("at", opened_at=TEN_O_CLOCK)
    await business.conversation("elsewhere", opened_at=TEN_O_CLOCK, site=second)
    await business.conversation("after", opened_at=TEN_O_CLOCK + HOUR)

    async def said(**query: str) -> list[str]:
        return sorted(line["text"] for line in lines(await bearer.get(EXPORT, params=query)))

    at, hour_later = "2026-11-23T10:00:00Z", "2026-11-23T12:00:00+01:00"
    assert await said(**{"from": at}) == ["after", "at", "elsewhere"]
    assert await said(to=at) == ["before"]
    assert await said(**{"from": at, "to": hour_later}) == ["at", "elsewhere"]
    assert await said(**{"from": at, "to": hour_later, "site": second.id}) == ["elsewhere"]
    assert await said(**{"from": "2026-11-24"}) == []
    assert await said(to="2026-11-24", site=business.site.id) == ["after", "at", "before"]


async def test_a_message_that_does_not_open_is_told_and_the_rest_goes_on(
    business: Business, bearer: httpx.AsyncClient
) -> None:
    conversation = await business.conversation("one")
    await business.forged(conversation, 2)
    author = Actor.visitor(business.workspace.id, conversation.site, conversation.visitor)
    await business.say(conversation, 3, "three", author=author)
    one, two, three = lines(await bearer.get(EXPORT))
    assert (two["seq"], two["error"], two["text"], two["author"], two["kind"]) == (2, "tampered", "", "", "")
    assert (one["text"], three["text"]) == ("one", "three")
    assert records(await bearer.get(EXPORT, params={"format": "csv"}))[1]["error"] == "tampered"


async def test_a_message_moved_from_another_conversation_does_not_open(
    business: Business, bearer: httpx.AsyncClient, opened: Stores
) -> None:
    here, there = await business.conversation("here"), await business.conversation(opened_at=TEN_O_CLOCK + HOUR)
    original = (await opened.messages.after(here.id, Seq(0), limit=1))[0]
    await opened.messages.append(replace(original, conversation=there.id))
    assert [line["error"] for line in lines(await bearer.get(EXPORT))] == ["", "tampered"]


async def test_numbers_that_are_missing_are_told(business: Business, bearer: httpx.AsyncClient) -> None:
    conversation = await business.conversation("one")
    author = Actor.visitor(business.workspace.id, conversation.site, conversation.visitor)
    await business.say(conversation, 5, "five", author=author)
    assert [(line["seq"], line["error"]) for line in lines(await bearer.get(EXPORT))] == [
        (1, ""),
        (2, "missing"),
        (5, ""),
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"$unset": {"t": 1}},
        {"$unset": {"b": 1}},
        {"$unset": {"w": 1}},
        {"$set": {"t": "x"}},
        {"$set": {"t": 10**17}},
        {"$set": {"b": None}},
        {"$set": {"b": "text"}},
        {"$set": {"s": -3}},
        {"$set": {"s": 0}},
        {"$set": {"s": "2"}},
        {"$unset": {"s": 1}},
    ],
)
async def test_a_damaged_message_is_refused_and_takes_no_other_with_it(
    business: Business, bearer: httpx.AsyncClient, settings: Settings, change: dict[str, dict[str, object]]
) -> None:
    await business.conversation("one", "two", "three")
    with MongoClient[dict[str, object]](settings.mongodb_address) as client:
        assert client.get_default_database()["messages"].update_one({"s": 2}, change).modified_count == 1
    found = [(line["text"], line["error"]) for line in lines(await bearer.get(EXPORT))]
    assert ("one", "") in found
    assert ("three", "") in found
    assert ("", "tampered") in found


async def test_an_end_that_was_cut_off_is_told(business: Business, bearer: httpx.AsyncClient, opened: Stores) -> None:
    conversation = await business.conversation("one", "two")
    ended = replace(conversation, state=State.ENDED, ended_at=7, revision=conversation.revision + 1)
    assert await opened.conversations.save(ended, expecting=conversation.revision)
    assert [(line["seq"], line["error"]) for line in lines(await bearer.get(EXPORT))][-1] == (3, "missing")


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer ", "Bearer x", "Basic YTpi", "Bearer aican_" + "A" * 43, 'Bearer {"$ne":null}'],
)
async def test_without_a_valid_token_nothing_is_exported(
    business: Business, script: httpx.AsyncClient, header: str | None
) -> None:
    conversation = await business.conversation("secret")
    await business.token()
    for path in (EXPORT, f"/api/v1/conversations/{conversation.id}/transcript"):
        answer = await script.get(path, headers={} if header is None else {"Authorization": header})
        assert answer.status_code == 401
        if header is not None or path == EXPORT:
            assert answer.headers["www-authenticate"] == "Bearer"


async def test_two_tokens_at_once_are_none(business: Business, script: httpx.AsyncClient) -> None:
    good = f"Bearer {await business.token()}"
    answer = await script.get(EXPORT, headers=[("Authorization", good), ("Authorization", "Bearer other")])
    assert answer.status_code == 401


async def test_a_token_of_yesterday_is_none(business: Business, script: httpx.AsyncClient, opened: Stores) -> None:
    now = SystemClock().now_ms()
    kept = await opened.api_tokens.get(digest(await business.token(expires_days=1)), now=now)
    assert kept is not None
    await opened.api_tokens.add(replace(kept, token_hash=digest("aican_old"), expires_at=now - 1))
    await opened.api_tokens.add(replace(kept, token_hash=digest("aican_scopeless"), scopes=()))
    for token in ("aican_old", "aican_scopeless"):
        assert (await script.get(EXPORT, headers={"Authorization": f"Bearer {token}"})).status_code == 401


async def test_a_sign_in_alone_does_not_export_everything(business: Business, browser: Browser) -> None:
    await business.agent()
    await browser.sign_in()
    assert (await browser.get(EXPORT)).status_code == 401


async def test_a_workspace_sees_nothing_of_another(
    business: Business, rival: Business, bearer: httpx.AsyncClient, browser: Browser
) -> None:
    await business.conversation("ours")
    theirs = await rival.conversation("theirs")
    assert [line["text"] for line in lines(await bearer.get(EXPORT))] == ["ours"]
    await business.agent()
    await browser.sign_in()
    transcript = f"/api/v1/conversations/{theirs.id}/transcript"
    for answer in (
        await bearer.get(EXPORT, params={"site": rival.site.id}),
        await bearer.get(transcript),
        await browser.get(transcript),
    ):
        assert answer.status_code == 404
        assert answer.json()["error"]["code"] == "not_found"
        assert "theirs" not in answer.text


async def test_what_others_have_looks_like_what_nobody_has(
    business: Business, rival: Business, bearer: httpx.AsyncClient
) -> None:
    theirs = await rival.conversation("theirs")
    nobodys = ConversationId(new_id(business.stores.clock))
    path = "/api/v1/conversations/{}/transcript"
    assert (await bearer.get(path.format(theirs.id))).text == (await bearer.get(path.format(nobodys))).text
    others, unknown = [await bearer.get(EXPORT, params={"site": site}) for site in (rival.site.id, "0123456789abcdef")]
    assert others.text == unknown.text


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("format=xml", "format"),
        ("format=", "format"),
        ("from=yesterday", "from"),
        ("from=2026-11-23T10:00:00", "from"),
        ("from=2026-13-01", "from"),
        ("to=1795428000", "to"),
        ("to=0000-00-00", "to"),
        ("from=2026-11-24&to=2026-11-23", "to"),
        ("workspace=x", "workspace"),
        ("site[$ne]=", "site[$ne]"),
        ("from[$gt]=", "from[$gt]"),
        ("limit=5", "limit"),
        ("format=csv&format=ndjson", "format"),
        ("site=%ff", "query"),
    ],
)
async def test_a_wrong_parameter_is_named(bearer: httpx.AsyncClient, query: str, field: str) -> None:
    answer = await bearer.get(f"{EXPORT}?{query}")
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, field)


async def test_a_conversation_can_be_read_as_text(business: Business, bearer: httpx.AsyncClient) -> None:
    conversation = await business.conversation("first line\n[2026] Agent: forged\x1b[2J", visitor_name="Mei")
    await business.forged(conversation, 2)
    answer = await bearer.get(f"/api/v1/conversations/{conversation.id}/transcript")
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
        "[2026-11-23T10:00:02.000Z] *: [Message 2 cannot be read: what is stored is not what was sent,"
        " or its key was destroyed.]\n"
    )


async def test_a_conversation_can_be_read_as_json(business: Business, bearer: httpx.AsyncClient) -> None:
    conversation = await business.conversation("one", "two", visitor_name="Mei")
    answer = await bearer.get(f"/api/v1/conversations/{conversation.id}/transcript", params={"format": "json"})
    content = answer.json()
    assert content["conversation"]["visitor"]["email"] == "mei@visitor.example"
    assert content["conversation"]["state"] == "active"
    assert [(message["seq"], message["text"]) for message in content["messages"]] == [(1, "one"), (2, "two")]


async def test_an_empty_conversation_is_valid_json_too(business: Business, bearer: httpx.AsyncClient) -> None:
    conversation = await business.conversation()
    answer = await bearer.get(f"/api/v1/conversations/{conversation.id}/transcript", params={"format": "json"})
    assert answer.json()["messages"] == []


async def test_the_page_of_a_conversation_stands_alone_and_runs_nothing(
    business: Business, bearer: httpx.AsyncClient
) -> None:
    attack = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'{{7*7}}"
    conversation = await business.conversation(attack, visitor_name='<b onclick="x">Mei')
    answer = await bearer.get(f"/api/v1/conversations/{conversation.id}/transcript", params={"format": "html"})
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
    answer = await bearer.get(f"/api/v1/conversations/{conversation.id}/transcript", params={"format": "html"})
    style = re.search(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    assert style is not None
    fingerprint = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{fingerprint}'" in answer.headers["content-security-policy"]


async def test_a_signed_in_agent_reads_a_conversation(business: Business, browser: Browser) -> None:
    conversation = await business.conversation("one")
    await business.agent()
    path = f"/api/v1/conversations/{conversation.id}/transcript"
    assert (await browser.get(path)).status_code == 401
    await browser.sign_in()
    assert "one" in (await browser.get(path)).text


async def test_a_bad_token_is_not_made_good_by_a_sign_in(business: Business, browser: Browser) -> None:
    conversation = await business.conversation("one")
    await business.agent()
    await browser.sign_in()
    path = f"/api/v1/conversations/{conversation.id}/transcript"
    answer = await browser.http.get(path, headers={"Authorization": "Bearer wrong"})
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "spelled", ["{}", "urn:uuid:{}", "{{{}}}", " {}", "{}%20", "{}%00"], ids=lambda text: text.replace("\0", "")
)
async def test_a_conversation_has_one_name(business: Business, bearer: httpx.AsyncClient, spelled: str) -> None:
    conversation = await business.conversation("one")
    other = spelled.format(str(conversation.id).upper() if spelled == "{}" else conversation.id)
    assert (await bearer.get(f"/api/v1/conversations/{other}/transcript")).status_code == 404


async def test_asking_for_the_headers_reads_no_message(
    business: Business, bearer: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await business.conversation("one")
    read: list[object] = []
    real = MongoConversations.opened_between

    def watched(self: MongoConversations, *asked: Any, **named: Any) -> AsyncIterator[Conversation]:
        async def stream() -> AsyncIterator[Conversation]:
            async for conversation in real(self, *asked, **named):
                read.append(conversation)
                yield conversation

        return stream()

    monkeypatch.setattr(MongoConversations, "opened_between", watched)
    answer = await bearer.head(EXPORT)
    assert (answer.status_code, answer.content, read) == (200, b"", [])
    await bearer.get(EXPORT)
    assert len(read) == 1


async def test_an_export_is_read_no_faster_than_it_is_taken(
    business: Business, parts: WebParts, opened: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Constant memory: of a long record no more is opened than fills the piece that is being taken."""
    count, length = 400, 2_000
    for number in range(8):
        await business.conversation(*("x" * length for _ in range(count // 8)), opened_at=TEN_O_CLOCK + number)
    opened_count = 0
    real = type(opened.sealer).open

    async def counted(*arguments: Any) -> Any:
        nonlocal opened_count
        opened_count += 1
        return await real(*arguments)

    monkeypatch.setattr(type(opened.sealer), "open", counted)
    pieces = written(await parts.transcripts.export(business.system, Request()), Format.NDJSON)
    first = await anext(pieces)
    assert PIECE_BYTES <= len(first) < PIECE_BYTES + 2 * length
    assert opened_count <= PIECE_BYTES // length + 1
    sizes = [len(piece) async for piece in pieces]
    assert opened_count == count
    assert max(sizes) < PIECE_BYTES + 2 * length
    assert len(sizes) > 10
