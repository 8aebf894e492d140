"""Signing in, staying in, leaving."""

from __future__ import annotations

import asyncio
import dataclasses
import re

import pytest
from msgspec import structs

from chat.accounts.passwords import CHEAPEST, Passwords
from chat.accounts.secret import digest
from chat.accounts.throttle import PAIR
from chat.clock import SystemClock
from gateway.bootstrap import Stores
from tests.web.business import PASSWORD, Business
from tests.web.conftest import Browser

pytestmark = pytest.mark.stores


async def test_the_right_password_signs_in_and_tells_who_one_is(business: Business, browser: Browser) -> None:
    account = await business.agent()
    answer = await browser.sign_in()
    assert answer.status_code == 200
    assert answer.json() == {
        "account": {"id": str(account.id), "name": "Anna Berg", "email": "anna@fern.example", "role": "agent"},
        "workspace": {"name": "Fern and Oak"},
    }
    assert (await browser.get("/api/v1/me")).json() == answer.json()


async def test_an_address_is_the_same_in_any_case(business: Business, browser: Browser) -> None:
    await business.agent(email="Anna@Fern.example")
    assert (await browser.sign_in(" ANNA@fern.EXAMPLE ")).status_code == 200


async def test_nobody_is_signed_in_without_a_cookie(browser: Browser) -> None:
    answer = await browser.get("/api/v1/me")
    assert (answer.status_code, answer.content) == (204, b"")
    answer = await browser.post("/ticket")
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "not_signed_in"


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("anna@fern.example", PASSWORD + "."),
        ("anna@fern.example", ""),
        ("anna@fern.example", PASSWORD.upper()),
        ("anna@fern.example", "x" * 5_000),
        ("nobody@fern.example", PASSWORD),
        ("", PASSWORD),
        ("not an address", PASSWORD),
    ],
)
async def test_what_is_wrong_is_not_told(business: Business, browser: Browser, email: str, password: str) -> None:
    await business.agent()
    answer = await browser.sign_in(email, password)
    assert answer.status_code == 401
    assert answer.json() == {"error": {"code": "wrong_credentials", "message": "Address or password is wrong."}}
    assert "set-cookie" not in answer.headers


async def test_an_unknown_address_costs_a_password_hash_too(
    business: Business, browser: Browser, passwords: Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    await business.agent()
    verified: list[str] = []
    real = Passwords._verified

    def watched(self: Passwords, kept: str, password: str) -> bool:
        verified.append(kept)
        return real(self, kept, password)

    monkeypatch.setattr(Passwords, "_verified", watched)
    await browser.sign_in("nobody@fern.example", "wrong")
    await browser.sign_in("anna@fern.example", "wrong")
    of_nobody, of_anna = verified
    assert of_nobody != of_anna
    assert of_nobody.rsplit("$", 2)[0] == of_anna.rsplit("$", 2)[0]  # the same algorithm with the same parameters


async def test_the_hash_that_stands_for_nobody_opens_for_nobody(browser: Browser, passwords: Passwords) -> None:
    assert not await passwords.verify(None, "")
    assert not await passwords.verify(None, PASSWORD)


async def test_a_disabled_account_neither_signs_in_nor_stays_in(business: Business, browser: Browser) -> None:
    account = await business.agent()
    await browser.sign_in()
    await business.disable(account)
    assert (await browser.get("/api/v1/me")).status_code == 204
    assert (await browser.post("/ticket")).status_code == 401
    assert (await browser.sign_in()).status_code == 401


async def test_the_cookie_is_kept_from_scripts_and_foreign_pages(business: Business, browser: Browser) -> None:
    await business.agent()
    cookie = (await browser.sign_in()).headers["set-cookie"]
    assert re.fullmatch(r"sid=[\w-]{43}; HttpOnly; Max-Age=43200; Path=/; SameSite=lax", cookie)


async def test_the_store_knows_the_secret_only_by_its_hash(
    business: Business, browser: Browser, opened: Stores
) -> None:
    await business.agent()
    await browser.sign_in()
    secret = browser.http.cookies["sid"]
    found = await opened.sign_ins.use(digest(secret), now=SystemClock().now_ms())
    assert found is not None
    assert found.id == digest(secret)[:16].hex()
    assert await opened.sign_ins.use(secret.encode(), now=SystemClock().now_ms()) is None


async def test_every_sign_in_has_a_secret_of_its_own_and_ends_the_one_before(
    business: Business, browser: Browser
) -> None:
    await business.agent()
    await browser.sign_in()
    first = browser.http.cookies["sid"]
    await browser.sign_in()
    assert browser.http.cookies["sid"] != first
    browser.http.cookies.clear()
    browser.http.headers["Cookie"] = f"sid={first}"
    assert (await browser.get("/api/v1/me")).status_code == 204


async def test_a_secret_of_the_attackers_choice_is_not_taken_over(business: Business, browser: Browser) -> None:
    await business.agent()
    browser.http.headers["Cookie"] = "sid=chosen-by-somebody-else"
    answer = await browser.sign_in()
    assert "chosen-by-somebody-else" not in answer.headers["set-cookie"]


async def test_signing_out_ends_it_on_the_server(business: Business, browser: Browser) -> None:
    await business.agent()
    await browser.sign_in()
    secret = browser.http.cookies["sid"]
    answer = await browser.post("/sign-out")
    assert answer.status_code == 204
    assert 'sid=""' in answer.headers["set-cookie"]
    assert "Max-Age=0" in answer.headers["set-cookie"]
    browser.http.headers["Cookie"] = f"sid={secret}"
    assert (await browser.get("/api/v1/me")).status_code == 204


async def test_signing_out_twice_is_no_error(browser: Browser) -> None:
    assert (await browser.post("/sign-out")).status_code == 204


async def test_a_ticket_is_for_the_gateway_and_good_once(business: Business, browser: Browser, opened: Stores) -> None:
    account = await business.agent()
    await browser.sign_in()
    answer = (await browser.post("/ticket")).json()
    assert answer["gateway_url"] == "ws://localhost:8001"
    assert len(answer["ticket"]) == 43
    taken = await opened.tickets.take(digest(answer["ticket"]))
    assert taken is not None
    assert (taken.account, taken.workspace) == (account.id, business.workspace.id)
    assert await opened.tickets.take(digest(answer["ticket"])) is None


async def test_old_parameters_are_replaced_when_the_password_is_at_hand(
    business: Business, browser: Browser, opened: Stores
) -> None:
    account = await business.agent()
    other = Passwords(dataclasses.replace(CHEAPEST, time_cost=2), threads=1)
    await opened.accounts.save(structs.replace(account, password_hash=await other.hash(PASSWORD)))
    other.close()
    assert (await browser.sign_in()).status_code == 200
    renewed = await opened.accounts.get(account.id)
    assert renewed is not None
    assert ",t=1," in renewed.password_hash
    assert (await browser.sign_in()).status_code == 200


async def test_tries_from_one_network_are_slowed_down_with_a_time_to_come_back(
    business: Business, browser: Browser
) -> None:
    await business.agent()
    for _ in range(PAIR[0].burst):
        assert (await browser.sign_in(password="wrong")).status_code == 401
    answer = await browser.sign_in()
    assert answer.status_code == 429
    error = answer.json()["error"]
    assert error["code"] == "too_many_tries"
    assert 0 < error["retry_after_ms"] <= PAIR[0].period_ms
    assert answer.headers["retry-after"] == str(-(-error["retry_after_ms"] // 1000))


async def test_whoever_hammers_an_address_does_not_lock_its_owner_out(
    business: Business, browser: Browser, colleagues_browser: Browser
) -> None:
    await business.agent()
    for _ in range(PAIR[0].burst + 3):
        await colleagues_browser.sign_in(password="wrong")
    assert (await colleagues_browser.sign_in()).status_code == 429
    assert (await browser.sign_in()).status_code == 200


async def test_tries_at_once_do_not_slip_past_the_throttle(business: Business, browser: Browser) -> None:
    await business.agent()
    answers = await asyncio.gather(*(browser.sign_in(password="wrong") for _ in range(20)))
    assert sorted(answer.status_code for answer in answers).count(401) <= PAIR[0].burst + 1


@pytest.mark.parametrize(
    ("altered", "name", "email"),
    [
        (["name"], "anna", "anna@fern.example"),
        (["email"], "Anna Berg", ""),
        (["name", "email"], "agent", ""),
    ],
)
async def test_an_account_of_which_something_was_altered_signs_in_under_a_stand_in(
    business: Business,
    browser: Browser,
    opened: Stores,
    caplog: pytest.LogCaptureFixture,
    altered: list[str],
    name: str,
    email: str,
) -> None:
    account = await business.agent()
    blobs = {field: bytes(getattr(account, field)) for field in altered}
    changes = {field: blob[:-1] + bytes([blob[-1] ^ 1]) for field, blob in blobs.items()}
    await opened.accounts.save(structs.replace(account, **changes))
    answer = await browser.sign_in()
    assert answer.status_code == 200
    assert answer.json()["account"] == {"id": str(account.id), "name": name, "email": email, "role": "agent"}
    assert (await browser.get("/api/v1/me")).json() == answer.json()
    told = [record.getMessage() for record in caplog.records]
    assert told[: len(altered)] == [f"does not open: accounts, _id {account.id}, {field}" for field in altered]
