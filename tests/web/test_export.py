"""The export endpoint: who said what and when, in order, in the form and of the time that was asked for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from chat.model import Conversation, Kind, State
from gateway.bootstrap import Stores
from storage.mongo.conversations import MongoConversations
from tests.web.business import TEN_O_CLOCK, Business, as_agent
from tests.web.exported import EXPORT, lines, of_one, records

pytestmark = pytest.mark.stores

HOUR = 3_600_000


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
        "ended_at": None,
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
    assert (joined["kind"], joined["text"], joined["author"]) == ("joined", "Anna Berg joined.", "Anna Berg")
    assert (answered["role"], answered["author"], answered["text"]) == ("agent", "Anna Berg", "It is! 👋")
    assert (ended["kind"], ended["role"], ended["author"]) == ("ended", "system", "")
    assert ended["text"] == "The conversation was ended."


async def test_order_is_by_opening_then_by_number(business: Business, bearer: httpx.AsyncClient) -> None:
    for hour in (3, 1, 2):
        await business.conversation(f"{hour}:1", f"{hour}:2", f"{hour}:3", opened_at=TEN_O_CLOCK + hour * HOUR)
    said = [line["text"] for line in lines(await bearer.get(EXPORT))]
    assert said == [f"{hour}:{seq}" for hour in (1, 2, 3) for seq in (1, 2, 3)]


async def test_both_formats_say_the_same(business: Business, bearer: httpx.AsyncClient) -> None:
    await business.conversation('a "quoted", line\r\nand another', "\tplain", "= 1 + 1")
    as_csv = records(await bearer.get(EXPORT, params={"format": "csv"}))
    as_json = [
        {name: "" if value is None else str(value) for name, value in line.items()}
        for line in lines(await bearer.get(EXPORT))
    ]
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


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("format=xml", "format"),
        ("format=", "format"),
        ("from=yesterday", "from"),
        ("from=2026-11-23T10:00:00", "from"),
        ("from=2026-13-01", "from"),
        ("from=2026-11-23T10:00:00  02:00", "from"),
        ("from=2026-11-23 10:00", "from"),
        ("to=1795428000", "to"),
        ("to=0000-00-00", "to"),
        ("from=2026-11-24&to=2026-11-23", "from"),
        ("from=2026-11-23&to=2026-11-23", "from"),
        ("workspace=x", "workspace"),
        ("site[$ne]=", "site[$ne]"),
        ("from[$gt]=", "from[$gt]"),
        ("limit=5", "limit"),
        ("format=csv&format=ndjson", "format"),
        ("site=%ff", "query"),
        ("site=", "site"),
        ("from=", "from"),
        ("to=2026-11-23T24:00:00Z", "to"),
    ],
)
async def test_a_wrong_parameter_is_named(bearer: httpx.AsyncClient, query: str, field: str) -> None:
    answer = await bearer.get(f"{EXPORT}?{query}")
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, field)


@pytest.mark.parametrize(
    "spelled", ["12:00:00%2B02:00", "12:00:00+02:00", "12:00:00 02:00", "10:00:00Z", "08:00:00-02:00"]
)
async def test_an_offset_s_plus_may_stand_as_it_is(business: Business, bearer: httpx.AsyncClient, spelled: str) -> None:
    await business.conversation("before", opened_at=TEN_O_CLOCK - 1)
    await business.conversation("at", opened_at=TEN_O_CLOCK)
    answer = await bearer.get(f"{EXPORT}?from=2026-11-23T{spelled}&to=2026-11-23T{spelled[:8]}.001{spelled[8:]}")
    assert [line["text"] for line in lines(answer)] == ["at"]


async def test_a_conversation_is_not_opened_after_its_first_message(
    business: Business, bearer: httpx.AsyncClient, opened: Stores
) -> None:
    """Its record is made when that message is already on the way."""
    conversation = await business.conversation("one", "two")
    opened_late = opened.conversations._conversations.update_one
    await opened_late({"_id": conversation.id}, {"$set": {"opened_at": TEN_O_CLOCK + 1_003}})
    assert {line["opened_at"] for line in lines(await bearer.get(EXPORT))} == {"2026-11-23T10:00:01.000Z"}
    assert (await bearer.get(of_one(conversation), params={"format": "json"})).json()["conversation"]["opened_at"] == (
        "2026-11-23T10:00:01.000Z"
    )


async def test_a_conversation_that_ended_says_when(
    business: Business, bearer: httpx.AsyncClient, opened: Stores
) -> None:
    conversation = await business.conversation("one")
    await business.say(conversation, 2, "", author=business.system, kind=Kind.ENDED)
    ended = replace(conversation, state=State.ENDED, ended_at=TEN_O_CLOCK + 9_000, revision=conversation.revision + 1)
    assert await opened.conversations.save(ended, expecting=conversation.revision)
    at = "2026-11-23T10:00:09.000Z"
    assert {line["ended_at"] for line in lines(await bearer.get(EXPORT))} == {at}
    assert {row["ended_at"] for row in records(await bearer.get(EXPORT, params={"format": "csv"}))} == {at}


@pytest.mark.parametrize("query", ["", "?format=csv"])
async def test_the_headers_alone_are_those_of_the_whole(
    business: Business, bearer: httpx.AsyncClient, query: str
) -> None:
    conversation = await business.conversation("one")
    for path in (f"{EXPORT}{query}", of_one(conversation), f"{of_one(conversation)}?format=html"):
        head, whole = await bearer.head(path), await bearer.get(path)
        assert (head.status_code, head.content) == (200, b"")
        assert dict(head.headers) == dict(whole.headers)
        assert "content-length" not in head.headers, "of a stream nobody knows it"


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
