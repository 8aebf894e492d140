"""Transcripts go only to those they belong to."""

from __future__ import annotations

import httpx
import pytest
from msgspec.structs import replace

from chat.accounts.secret import digest
from chat.clock import SystemClock, new_id
from chat.ids import ConversationId
from gateway.bootstrap import Stores
from tests.web.business import Business
from tests.web.conftest import Browser
from tests.web.exported import EXPORT, lines, of_one

pytestmark = pytest.mark.stores

HOUR = 3_600_000


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer ", "Bearer x", "Basic YTpi", "Bearer aican_" + "A" * 43, 'Bearer {"$ne":null}'],
)
async def test_without_a_valid_token_nothing_is_exported(
    business: Business, script: httpx.AsyncClient, header: str | None
) -> None:
    conversation = await business.conversation("secret")
    await business.token()
    for path in (EXPORT, of_one(conversation)):
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
    transcript = of_one(theirs)
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


async def test_a_signed_in_agent_reads_a_conversation(business: Business, browser: Browser) -> None:
    conversation = await business.conversation("one")
    await business.agent()
    path = of_one(conversation)
    assert (await browser.get(path)).status_code == 401
    await browser.sign_in()
    assert "one" in (await browser.get(path)).text


async def test_a_bad_token_is_not_made_good_by_a_sign_in(business: Business, browser: Browser) -> None:
    conversation = await business.conversation("one")
    await business.agent()
    await browser.sign_in()
    path = of_one(conversation)
    answer = await browser.http.get(path, headers={"Authorization": "Bearer wrong"})
    assert answer.status_code == 401
