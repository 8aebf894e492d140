"""What somebody altered in the database is refused on reading, told of in its place, and takes nothing with it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from msgspec.structs import replace
from pymongo import MongoClient

from chat.ids import Seq
from chat.model import Actor, State
from config.settings import Settings
from gateway.bootstrap import Stores
from tests.web.business import TEN_O_CLOCK, Business
from tests.web.exported import EXPORT, lines, of_one, records

pytestmark = pytest.mark.stores

HOUR = 3_600_000


def damage(settings: Settings, collection: str, where: dict[str, Any], change: dict[str, dict[str, Any]]) -> None:
    with MongoClient[dict[str, Any]](settings.mongodb_address, uuidRepresentation="standard") as client:
        assert client.get_default_database()[collection].update_one(where, change).modified_count == 1


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
        {"$set": {"r": "x"}},
        {"$set": {"s": 10**17}},
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
    damage(settings, "messages", {"s": 2}, change)
    found = [(line["text"], line["error"]) for line in lines(await bearer.get(EXPORT))]
    assert ("one", "") in found
    assert ("three", "") in found
    assert ("", "tampered") in found


@pytest.mark.parametrize("number", [0, -3, "2", None, 10**17])
async def test_a_last_message_renumbered_to_no_number_is_told_in_every_form(
    business: Business, bearer: httpx.AsyncClient, settings: Settings, number: object
) -> None:
    conversation = await business.conversation("one", "two")
    damage(settings, "messages", {"s": 2}, {"$set": {"s": number}})
    rows = lines(await bearer.get(EXPORT))
    assert [(row["seq"], row["text"], row["error"]) for row in rows] == [(0, "", "tampered"), (1, "one", "")]
    for form in ("txt", "html"):
        shown = (await bearer.get(of_one(conversation), params={"format": form})).text
        assert "[A message without a number cannot be read: " in shown
    content = (await bearer.get(of_one(conversation), params={"format": "json"})).json()
    assert [(row["seq"], row["error"]) for row in content["messages"]] == [(0, "tampered"), (1, "")]


async def test_an_end_that_was_cut_off_is_told(business: Business, bearer: httpx.AsyncClient, opened: Stores) -> None:
    conversation = await business.conversation("one", "two")
    ended = replace(conversation, state=State.ENDED, ended_at=7, revision=conversation.revision + 1)
    assert await opened.conversations.save(ended, expecting=conversation.revision)
    assert [(line["seq"], line["error"]) for line in lines(await bearer.get(EXPORT))][-1] == (3, "missing")


# --- conversations' own records ---------------------------------------------------------------------------------------


HARMS = [
    {"$unset": {"details": 1}},
    {"$set": {"details": "a text"}},
    {"$set": {"state": 77}},
    {"$set": {"state": "active"}},
    {"$set": {"revision": "x"}},
    {"$set": {"opened_at": "today"}},
    {"$set": {"opened_at": 10**17}},
    {"$set": {"opened_at": [1]}},
    {"$unset": {"opened_at": 1}},
    {"$set": {"ended_at": 10**17}},
    {"$set": {"epoch": 10**6}},
    {"$set": {"site": 5}},
    {"$set": {"agent": "nobody"}},
    {"$unset": {"workspace": 1}},
]


@pytest.mark.parametrize("change", HARMS, ids=str)
async def test_a_damaged_conversation_has_a_line_that_says_so_and_loses_no_message(
    business: Business, bearer: httpx.AsyncClient, settings: Settings, change: dict[str, dict[str, Any]]
) -> None:
    ((field, _),) = next(iter(change.values())).items()
    hurt = await business.conversation("one", "two")
    await business.conversation("whole", opened_at=TEN_O_CLOCK + HOUR)
    damage(settings, "conversations", {"_id": hurt.id}, change)
    rows = [line for line in lines(await bearer.get(EXPORT)) if line["conversation"] == str(hurt.id)]
    assert [(row["seq"], row["text"], row["error"]) for row in rows] == [
        (0, field, "damaged"),
        (1, "one", ""),
        (2, "two", ""),
    ]
    assert sorted(line["text"] for line in lines(await bearer.get(EXPORT))) == sorted(["one", "two", "whole", field])
    csv = [row for row in records(await bearer.get(EXPORT, params={"format": "csv"})) if row["error"]]
    assert [(row["conversation"], row["error"], row["text"]) for row in csv] == [(str(hurt.id), "damaged", field)]


@pytest.mark.parametrize("change", HARMS, ids=str)
async def test_a_damaged_conversation_can_be_read_in_every_form(
    business: Business, bearer: httpx.AsyncClient, settings: Settings, change: dict[str, dict[str, Any]]
) -> None:
    ((field, _),) = next(iter(change.values())).items()
    hurt = await business.conversation("one", visitor_name="Mei")
    damage(settings, "conversations", {"_id": hurt.id}, change)
    remark = f"[The record of this conversation is damaged and is shown without what it held in: {field}.]"
    text, page = [(await bearer.get(of_one(hurt), params={"format": form})).text for form in ("txt", "html")]
    assert f"[?] * {remark}\n" in text
    assert remark in page
    for shown in (text, page):
        assert "one" in shown
        assert "Mei" in shown
    content = (await bearer.get(of_one(hurt), params={"format": "json"})).json()
    assert content["conversation"]["damaged"] == [field]
    assert [(row["error"], row["text"]) for row in content["messages"]] == [("damaged", field), ("", "one")]
    if field in {"opened_at", "state"}:
        assert content["conversation"][field] is None


async def test_a_conversation_that_does_not_say_whose_it_is_is_not_passed_over(
    business: Business, rival: Business, bearer: httpx.AsyncClient, settings: Settings
) -> None:
    lost, whole = await business.conversation("one"), await business.conversation("whole", opened_at=TEN_O_CLOCK + HOUR)
    theirs = await rival.conversation("theirs")
    damage(settings, "conversations", {"_id": lost.id}, {"$set": {"visitor": "x"}})
    damage(settings, "conversations", {"_id": theirs.id}, {"$set": {"workspace": "x"}})
    rows = [(row["conversation"], row["visitor"], row["error"]) for row in lines(await bearer.get(EXPORT))]
    assert rows == [
        (str(lost.id), "", "damaged"),
        (str(lost.id), "", "details_unreadable"),
        (str(lost.id), "", "tampered"),
        (str(whole.id), str(whole.visitor), ""),
    ]
    assert (await bearer.get(of_one(lost))).status_code == 200
    assert (await bearer.get(of_one(theirs))).status_code == 404


async def test_a_flipped_bit_in_the_details_is_told_in_every_form(
    business: Business, bearer: httpx.AsyncClient, settings: Settings
) -> None:
    hurt = await business.conversation("one")
    flipped = hurt.details[:-1] + bytes([hurt.details[-1] ^ 1])
    damage(settings, "conversations", {"_id": hurt.id}, {"$set": {"details": flipped}})
    rows = lines(await bearer.get(EXPORT))
    assert [(row["seq"], row["text"], row["error"]) for row in rows] == [(0, "", "details_unreadable"), (1, "one", "")]
    for form in ("txt", "html"):
        assert "[Details unreadable: " in (await bearer.get(of_one(hurt), params={"format": form})).text
    content = (await bearer.get(of_one(hurt), params={"format": "json"})).json()
    assert [row["error"] for row in content["messages"]] == ["details_unreadable", ""]


async def test_details_that_never_were_are_none_to_miss(
    business: Business, bearer: httpx.AsyncClient, settings: Settings
) -> None:
    conversation = await business.conversation("one")
    damage(settings, "conversations", {"_id": conversation.id}, {"$set": {"details": b""}})
    assert [row["error"] for row in lines(await bearer.get(EXPORT))] == [""]


async def test_a_damaged_site_is_told_where_it_is_shown(
    business: Business, bearer: httpx.AsyncClient, settings: Settings
) -> None:
    conversation = await business.conversation("one")
    damage(settings, "sites", {"_id": business.site.id}, {"$unset": {"greeting": 1}, "$set": {"name": 7}})
    content = (await bearer.get(of_one(conversation), params={"format": "json"})).json()
    assert content["conversation"]["site_name"] == business.site.id
    assert [(row["error"], row["text"]) for row in content["messages"]] == [
        ("damaged", "site.name, site.greeting"),
        ("", "one"),
    ]
    assert [row["text"] for row in lines(await bearer.get(EXPORT, params={"site": business.site.id}))] == ["one"]


async def test_a_damaged_name_is_unknown_and_the_log_says_whose(
    business: Business, bearer: httpx.AsyncClient, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    conversation = await business.conversation("one", visitor_name="Mei")
    damage(settings, "visitors", {"_id": conversation.visitor}, {"$set": {"name": "Mallory"}})
    assert [row["author"] for row in lines(await bearer.get(EXPORT))] == [""]
    told = [each.getMessage() for each in caplog.records if each.levelname == "ERROR"]
    assert told == [
        f"a damaged document in visitors, _id {conversation.visitor}, is read without: name",
        f"a name does not open: visitors, _id {conversation.visitor}",
    ]
