"""One-time links: looked at, accepted once, and bound to what they were made for."""

from __future__ import annotations

import asyncio

import pytest
from msgspec import structs

from chat.accounts.membership import INVITATION_HOURS
from chat.accounts.secret import digest
from chat.clock import SystemClock
from chat.errors import Forbidden
from chat.model import AccountRole
from gateway.bootstrap import Stores
from tests.web.business import PASSWORD, Business, as_agent
from tests.web.conftest import Browser

pytestmark = pytest.mark.stores


def answer_to(token: str, **changes: str) -> dict[str, str]:
    return {"token": token, "name": "Bo Lind", "email": "bo@fern.example", "password": PASSWORD} | changes


async def test_a_link_says_what_it_offers(business: Business, browser: Browser) -> None:
    token = await business.invitation(role=AccountRole.OWNER)
    answer = await browser.post("/invitation", {"token": token})
    assert answer.status_code == 200
    assert answer.json() == {"workspace": {"name": "Fern and Oak"}, "role": "owner", "email": None}


async def test_looking_does_not_use_it_up_and_accepting_signs_in(business: Business, browser: Browser) -> None:
    token = await business.invitation()
    await browser.post("/invitation", {"token": token})
    answer = await browser.post("/invitation/accept", answer_to(token))
    assert answer.status_code == 200
    assert answer.json()["account"]["email"] == "bo@fern.example"
    assert answer.json()["account"]["role"] == "agent"
    assert (await browser.get("/api/v1/me")).json() == answer.json()
    assert (await browser.sign_in("bo@fern.example")).status_code == 200


async def test_a_used_link_is_gone(business: Business, browser: Browser) -> None:
    token = await business.invitation()
    await browser.post("/invitation/accept", answer_to(token))
    again = await browser.post("/invitation/accept", answer_to(token, email="eve@fern.example"))
    assert again.status_code == 404
    assert (await browser.post("/invitation", {"token": token})).status_code == 404


async def test_of_two_at_once_one_gets_in(business: Business, browser: Browser, opened: Stores) -> None:
    token = await business.invitation()
    answers = await asyncio.gather(
        browser.post("/invitation/accept", answer_to(token)),
        browser.post("/invitation/accept", answer_to(token, email="eve@fern.example")),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 404]
    assert len(await opened.accounts.of(business.workspace.id)) == 1


async def test_an_old_link_is_gone(business: Business, browser: Browser, opened: Stores) -> None:
    token = await business.invitation()
    kept = await opened.invitations.get(digest(token), now=SystemClock().now_ms())
    assert kept is not None
    await opened.invitations.use(digest(token), now=SystemClock().now_ms())
    assert kept.expires_at - SystemClock().now_ms() <= INVITATION_HOURS * 3_600_000
    await opened.invitations.add(structs.replace(kept, expires_at=SystemClock().now_ms() - 1))
    assert (await browser.post("/invitation", {"token": token})).status_code == 404
    assert (await browser.post("/invitation/accept", answer_to(token))).status_code == 404


@pytest.mark.parametrize("token", ["", "0", "true", "[]", "x" * 5_000, "\x00", "您好"])
async def test_an_unknown_link_is_gone(business: Business, browser: Browser, token: str) -> None:
    await business.invitation()
    assert (await browser.post("/invitation", {"token": token})).status_code == 404
    assert (await browser.post("/invitation/accept", answer_to(token))).status_code == 404


async def test_a_link_for_an_address_is_for_that_address_only(business: Business, browser: Browser) -> None:
    token = await business.invitation("bo@fern.example")
    assert (await browser.post("/invitation", {"token": token})).json()["email"] == "bo@fern.example"
    refused = await browser.post("/invitation/accept", answer_to(token, email="eve@fern.example"))
    assert (refused.status_code, refused.json()["error"]["field"]) == (422, "email")
    assert (await browser.post("/invitation/accept", answer_to(token, email="BO@fern.example"))).status_code == 200


async def test_a_link_leads_into_its_own_workspace_only(
    business: Business, rival: Business, browser: Browser, opened: Stores
) -> None:
    await browser.post("/invitation/accept", answer_to(await rival.invitation()))
    assert await opened.accounts.of(business.workspace.id) == []
    assert (await browser.get("/api/v1/me")).json()["workspace"] == {"name": "Moss Ltd"}


async def test_role_and_workspace_cannot_be_said_by_who_accepts(business: Business, browser: Browser) -> None:
    for field in ("role", "workspace", "id", "password_hash", "disabled_at"):
        body = answer_to(await business.invitation()) | {field: "owner"}
        answer = await browser.post("/invitation/accept", body)
        assert (answer.status_code, answer.json()["error"]["field"]) == (422, field)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "   "),
        ("name", "x" * 81),
        ("name", "Bo\u202eLind"),
        ("name", "Bo\x1b[2J"),
        ("email", "bo"),
        ("email", "bo@"),
        ("email", "bo@fern.example\r\nBcc: eve@example.com"),
        ("password", "too short"),
        ("password", "Bo Lind's own password"),
        ("password", "passwordpassword"),
        ("password", "x" * 2_000),
    ],
)
async def test_a_slip_names_its_field_and_does_not_use_the_link_up(
    business: Business, browser: Browser, field: str, value: str
) -> None:
    token = await business.invitation()
    answer = await browser.post("/invitation/accept", answer_to(token, **{field: value}))
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, field)
    assert (await browser.post("/invitation/accept", answer_to(token))).status_code == 200


async def test_an_address_belongs_to_one_account(business: Business, browser: Browser) -> None:
    await business.agent("bo@fern.example")
    token = await business.invitation()
    answer = await browser.post("/invitation/accept", answer_to(token))
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "email")


async def test_an_address_that_is_taken_meanwhile_leaves_the_link_good(business: Business, browser: Browser) -> None:
    first, second = await business.invitation(), await business.invitation()
    answers = await asyncio.gather(
        browser.post("/invitation/accept", answer_to(first)), browser.post("/invitation/accept", answer_to(second))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 422]
    left = [token for token, answer in zip((first, second), answers, strict=True) if answer.status_code == 422]
    again = await browser.post("/invitation/accept", answer_to(left[0], email="eve@fern.example"))
    assert again.status_code == 200


@pytest.mark.parametrize(
    ("role", "offered", "may"),
    [
        (AccountRole.OWNER, AccountRole.OWNER, True),
        (AccountRole.ADMIN, AccountRole.AGENT, True),
        (AccountRole.ADMIN, AccountRole.OWNER, False),
        (AccountRole.AGENT, AccountRole.AGENT, False),
    ],
)
async def test_who_may_invite_whom(business: Business, role: AccountRole, offered: AccountRole, may: bool) -> None:
    actor = as_agent(business, await business.agent(role=role))
    if may:
        assert await business.membership.invite(actor, offered)
    else:
        with pytest.raises(Forbidden):
            await business.membership.invite(actor, offered)
