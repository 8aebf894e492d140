"""What does not come from our own pages, under our own name, in the form we expect, is refused before anything else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest
from starlette.applications import Starlette

from gateway.web.app import create_app
from gateway.web.parts import WebParts
from gateway.web.requests import BODY_BYTES
from tests.web.business import PASSWORD, Business
from tests.web.conftest import AS_BROWSER, HERE, Browser, connected

pytestmark = pytest.mark.stores

POSTS = ("/sign-in", "/sign-out", "/invitation", "/invitation/accept", "/ticket")
CREDENTIALS = {"email": "anna@fern.example", "password": PASSWORD}


async def test_a_foreign_page_cannot_make_a_browser_post(script: httpx.AsyncClient) -> None:
    for headers in [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:8001"},
        {"Origin": "https://localhost:8000"},
        {"Origin": "http://localhost:8000.evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": HERE},
        {"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"},
        {"Cookie": "sid=" + "x" * 43},
    ]:
        for path in POSTS:
            answer = await script.post(f"/api/v1{path}", json={}, headers=headers)
            assert answer.status_code == 403
            assert answer.json()["error"]["code"] == "foreign_origin"


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "[::1]"])
async def test_the_names_of_this_machine_are_the_same_place(business: Business, app: Starlette, name: str) -> None:
    await business.agent()
    own = f"http://{name}:8000"
    async with connected(app, Origin=own, **{"Sec-Fetch-Site": "same-origin"}) as client:
        answer = await client.post(f"{own}/api/v1/sign-in", json=CREDENTIALS)
    assert answer.status_code == 200


async def test_a_program_without_cookies_needs_no_origin(business: Business, script: httpx.AsyncClient) -> None:
    await business.agent()
    assert (await script.post("/api/v1/sign-in", json=CREDENTIALS)).status_code == 200


async def test_sign_out_from_elsewhere_leaves_one_signed_in(business: Business, browser: Browser) -> None:
    await business.agent()
    await browser.sign_in()
    await browser.http.post("/api/v1/sign-out", headers={"Origin": "https://evil.example"})
    assert (await browser.get("/api/v1/me")).status_code == 200


async def test_other_host_names_are_not_answered(script: httpx.AsyncClient) -> None:
    for host in [
        "evil.example",
        "localhost",
        "localhost:8001",
        "localhost:8000.evil.example",
        "localhost:8000@evil.example",
        "localhost:8000/a?b#c",
        "localhost:8000, evil.example",
        " ",
        "",
        "[::1",
        "LOCALHOST:8000:8000",
    ]:
        for path in ("/", "/api/v1/me", "/console", "/widget.js", "/no-such-page"):
            answer = await script.get(path, headers={"Host": host})
            assert answer.status_code == 400
            assert host.strip() not in answer.text or not host.strip()


async def test_a_host_name_has_no_case(script: httpx.AsyncClient) -> None:
    assert (await script.get("/healthz", headers={"Host": "LOCALHOST:8000"})).status_code == 200
    assert (await script.get("/", headers={"Host": "LocalHost:8000"})).status_code == 200


async def test_probes_are_answered_under_any_name(script: httpx.AsyncClient) -> None:
    assert (await script.get("/healthz", headers={"Host": "10.0.0.7:8000"})).status_code == 200


async def test_only_json_is_taken(browser: Browser) -> None:
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "text/json"):
        answer = await browser.http.post(
            "/api/v1/sign-in", content=b'{"email":"a","password":"b"}', headers={"Content-Type": content_type}
        )
        assert answer.status_code == 415


async def test_what_is_no_json_is_refused(browser: Browser) -> None:
    for body in [b"", b"nope", b"\xff\xfe", b'{"email":', b"NaN", b'{"email":"\\ud800","password":"b"}', b"[" * 10_000]:
        answer = await browser.http.post(
            "/api/v1/sign-in", content=body, headers={"Content-Type": "application/json; charset=utf-8"}
        )
        assert answer.status_code == 422


async def test_a_body_has_an_end(browser: Browser) -> None:
    whole = b'{"email":"a","password":"' + b"x" * BODY_BYTES + b'"}'

    async def in_pieces() -> AsyncIterator[bytes]:
        for at in range(0, len(whole), 1000):
            yield whole[at : at + 1000]

    headers = {"Content-Type": "application/json"}
    for content in (whole, in_pieces()):
        answer = await browser.http.post("/api/v1/sign-in", content=content, headers=headers)
        assert answer.status_code == 413


STRINGS = {
    "/sign-in": CREDENTIALS,
    "/invitation": {"token": "t"},
    "/invitation/accept": CREDENTIALS | {"token": "t", "name": "n"},
}


@pytest.mark.parametrize("path", STRINGS)
async def test_nothing_but_text_stands_where_text_belongs(business: Business, browser: Browser, path: str) -> None:
    await business.agent()
    for other in ({"$ne": None}, {"$gt": ""}, ["x"], 0, True, None, 1.5):
        for field in STRINGS[path]:
            answer = await browser.post(path, STRINGS[path] | {field: other})
            assert answer.status_code == 422
            assert answer.json()["error"]["field"] == field


@pytest.mark.parametrize("path", STRINGS)
async def test_a_missing_and_an_unknown_field_are_named(browser: Browser, path: str) -> None:
    for field in STRINGS[path]:
        without = {name: value for name, value in STRINGS[path].items() if name != field}
        assert (await browser.post(path, without)).json()["error"]["field"] == field
    assert (await browser.post(path, STRINGS[path] | {"$where": "1"})).json()["error"]["field"] == "$where"


@pytest.mark.parametrize("secret", ["", "0", "true", "[]", '{"$ne":null}', "x" * 4_000, "a=b; sid=c"])
async def test_a_made_up_cookie_opens_nothing(business: Business, browser: Browser, secret: str) -> None:
    await business.agent()
    await browser.sign_in()
    browser.http.cookies.clear()
    answer = await browser.http.get("/api/v1/me", headers={"Cookie": f"sid={secret}"})
    assert (answer.status_code, answer.content) == (204, b"")


async def test_other_methods_get_nowhere(script: httpx.AsyncClient) -> None:
    for method in ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND"]:
        for path in ("/", "/api/v1/me", "/api/v1/sign-in", "/static/pages.css", "/widget.js"):
            assert (await script.request(method, path)).status_code == 405


async def test_the_wrong_method_says_which_are_right(script: httpx.AsyncClient) -> None:
    answer = await script.get("/api/v1/sign-in")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert answer.json()["error"]["code"] == "method_not_allowed"


async def test_people_get_pages_and_programs_get_json(script: httpx.AsyncClient) -> None:
    page = await script.get("/no-such-page", headers={"Accept": "text/html,*/*;q=0.8"})
    assert page.status_code == 404
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert (await script.get("/no-such-page")).json()["error"]["code"] == "not_found"
    api = await script.get("/api/v1/none", headers={"Accept": "text/html"})
    assert api.json()["error"]["code"] == "not_found"


async def test_what_nobody_expected_is_told_calmly(
    parts: WebParts, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def broken(self: object) -> None:
        raise RuntimeError("the secret of the house")

    monkeypatch.setattr(type(parts.workspaces), "first", broken)
    async with connected(create_app(parts)) as client:
        answer = await client.get("/demo")
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "internal")
    assert "secret" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "the secret of the house" in capsys.readouterr().out


async def test_every_answer_makes_browsers_careful(script: httpx.AsyncClient) -> None:
    for path in ["/", "/console", "/api/v1/me", "/healthz", "/no-such-page", "/widget.js"]:
        headers = (await script.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert "camera=()" in headers["permissions-policy"]
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert "strict-transport-security" not in headers
        assert "server" not in headers


async def test_over_https_cookie_and_transport_are_strict(business: Business, parts: WebParts) -> None:
    await business.agent()
    app = create_app(replace(parts, public_url="https://chat.fern.example/"))
    own = "https://chat.fern.example"
    async with connected(app, **(AS_BROWSER | {"Origin": own})) as client:
        answer = await client.post(f"{own}/api/v1/sign-in", json=CREDENTIALS)
        assert answer.status_code == 200
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-sid=")
        assert "; Secure" in cookie
        assert "Domain" not in cookie
        assert answer.headers["strict-transport-security"] == "max-age=31536000"
        assert (await client.get(f"{own}/api/v1/me")).status_code == 200
        assert (await client.get(f"{own}:443/api/v1/me")).status_code == 200
        assert (await client.get("https://localhost/api/v1/me")).status_code == 400
        assert (await client.post(f"{own}/api/v1/sign-out")).headers["set-cookie"].count("Secure") == 1


async def test_no_answer_carries_a_hash_or_a_secret(business: Business, browser: Browser) -> None:
    account = await business.agent()
    token = await business.invitation("bo@fern.example")
    said: list[str] = []
    for path, body in (
        ("/sign-in", CREDENTIALS),
        ("/sign-in", CREDENTIALS | {"password": "wrong"}),
        ("/invitation", {"token": token}),
        ("/invitation/accept", {"token": token, "name": "Bo", "email": "bo@fern.example", "password": "short"}),
    ):
        said.append((await browser.post(path, body)).text)
    said.append((await browser.get("/api/v1/me")).text)
    secret = browser.http.cookies["sid"]
    for text in said:
        for hidden in (account.password_hash, "$argon2", secret, token, PASSWORD, account.email_index.hex()):
            assert hidden not in text
