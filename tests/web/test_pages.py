"""Pages and the front end's files."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from msgspec.structs import replace

from chat.ids import SiteId, WorkspaceId
from chat.model import Site, Workspace
from gateway.bootstrap import Stores
from tests.web.business import Business

pytestmark = pytest.mark.stores


def meta(page: str, name: str) -> str:
    found = re.search(f'<meta name="aican-{name}" content="([^"]*)">', page)
    assert found is not None
    return html.unescape(found[1])


def directives(answer: httpx.Response) -> dict[str, list[str]]:
    parts = [part.split() for part in answer.headers["content-security-policy"].split(";")]
    return {name: sources for name, *sources in parts}


async def test_the_panel_knows_its_site_its_gateway_and_who_may_embed_it(
    business: Business, script: httpx.AsyncClient
) -> None:
    answer = await script.get("/panel", params={"site": business.site.id})
    assert answer.status_code == 200
    assert meta(answer.text, "site") == business.site.id
    assert meta(answer.text, "gateway") == "ws://localhost:8001"
    assert meta(answer.text, "policy") == business.site.policy_url
    embedders = json.loads(meta(answer.text, "embedders"))
    own = ["http://127.0.0.1:8000", "http://localhost:8000"]
    assert embedders == [*own, "https://fern.example"]
    assert directives(answer)["frame-ancestors"] == ["'self'", *embedders]
    assert '<div id="panel"></div>' in answer.text
    assert 'src="/assets/panel-AB12CD34.js"' in answer.text
    assert 'href="/assets/panel-AB12CD34.css"' in answer.text


async def test_panel_and_console_run_nothing_but_their_own_script(
    business: Business, script: httpx.AsyncClient
) -> None:
    for path in (f"/panel?site={business.site.id}", "/console"):
        answer = await script.get(path)
        policy = directives(answer)
        assert policy["default-src"] == ["'none'"]
        assert policy["script-src"] == ["'self'"]
        assert policy["style-src"] == ["'self'"]
        assert policy["connect-src"] == ["'self'", "ws://localhost:8001"]
        assert policy["require-trusted-types-for"] == ["'script'"]
        assert (policy["base-uri"], policy["form-action"]) == (["'none'"], ["'none'"])
        assert not re.search(r"<script(?![^>]* src=)", answer.text)
        assert "style=" not in answer.text.replace("style>", "")


async def test_nothing_that_stands_in_a_sites_list_can_end_the_policy(
    business: Business, script: httpx.AsyncClient, opened: Stores
) -> None:
    bad = ("https://a.example; script-src *", "https://*.example", "*", "'unsafe-inline'", "https://b.example c")
    await opened.sites.save(replace(business.site, origins=(*bad, "https://good.example")))
    answer = await script.get("/panel", params={"site": business.site.id})
    assert directives(answer)["frame-ancestors"][-1] == "https://good.example"
    for origin in bad:
        assert origin not in answer.headers["content-security-policy"].replace("'self' ", "")
        assert origin not in json.loads(meta(answer.text, "embedders"))


async def test_every_page_may_ask_why_there_is_no_panel(business: Business, script: httpx.AsyncClient) -> None:
    answer = await script.get("/panel/why", params={"site": business.site.id})
    panel = await script.get("/panel", params={"site": business.site.id})
    assert answer.status_code == 200
    assert meta(answer.text, "site") == business.site.id
    assert meta(answer.text, "embedders") == meta(panel.text, "embedders")
    assert 'src="/assets/why-AB12CD34.js"' in answer.text
    assert "frame-ancestors" not in directives(answer)
    assert directives(answer)["default-src"] == ["'none'"]
    assert directives(answer)["script-src"] == ["'self'"]
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"


async def test_of_an_unknown_site_it_says_that_it_is_unknown(script: httpx.AsyncClient) -> None:
    for key in ["", "unknown", "x" * 3_000, '"><script>alert(1)</script>', "{$ne:null}"]:
        answer = await script.get("/panel/why", params={"site": key})
        assert (answer.status_code, meta(answer.text, "site"), meta(answer.text, "embedders")) == (200, "", "[]")
        assert "alert" not in answer.text


async def test_an_unknown_site_is_a_page_that_says_what_is_wrong(script: httpx.AsyncClient) -> None:
    for key in ["", "unknown", "x" * 3_000, '"><script>alert(1)</script>', "{$ne:null}"]:
        for path in ("/panel", "/policy"):
            answer = await script.get(path, params={"site": key}, headers={"Accept": "text/html"})
            assert answer.status_code == 404
            assert "no site with this key" in answer.text
            assert "<script>" not in answer.text


async def test_the_console_is_one_page_under_every_address_and_never_in_a_frame(script: httpx.AsyncClient) -> None:
    for path in ("/console", "/console/", "/console/welcome", "/console/c/0192f0c1-7e1a-8c3d-9b5e-6f708192a3b4"):
        answer = await script.get(path)
        assert answer.status_code == 200
        assert meta(answer.text, "gateway") == "ws://localhost:8001"
        assert '<div id="console"></div>' in answer.text
        assert directives(answer)["frame-ancestors"] == ["'none'"]
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"


async def test_the_launcher_may_be_used_by_every_page(script: httpx.AsyncClient) -> None:
    answer = await script.get("/widget.js")
    assert answer.text == "/* launcher */"
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert answer.headers["cache-control"] == "public, max-age=300"
    same = await script.get("/widget.js", headers={"If-None-Match": answer.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")


async def test_a_new_build_is_noticed(script: httpx.AsyncClient, front_end: Path) -> None:
    before = await script.get("/widget.js")
    (front_end / "widget.js").write_text("/* newer */")
    manifest = (front_end / "manifest.json").read_text()
    (front_end / "manifest.json").unlink()
    (front_end / "manifest.json").write_text(manifest)
    after = await script.get("/widget.js", headers={"If-None-Match": before.headers["etag"]})
    assert (after.status_code, after.text) == (200, "/* newer */")


async def test_hashed_files_are_kept_for_ever(script: httpx.AsyncClient) -> None:
    answer = await script.get("/assets/console-AB12CD34.css")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"] == "text/css; charset=utf-8"


async def test_only_what_the_build_lists_is_served(script: httpx.AsyncClient) -> None:
    for name in ["secret.txt", "manifest.json", "none.js", "..%2f..%2fpyproject.toml", "%2e%2e/pyproject.toml", "%00"]:
        assert (await script.get(f"/assets/{name}")).status_code == 404


async def test_static_files_end_at_their_folder(script: httpx.AsyncClient) -> None:
    for name in ["../templates/panel.html", "..%2ftemplates%2fpanel.html", "%2fetc%2fpasswd", "%2e%2e%2fapp.py"]:
        assert (await script.get(f"/static/{name}")).status_code == 404


async def test_without_a_build_the_answer_says_how_to_make_one(
    business: Business, script: httpx.AsyncClient, front_end: Path
) -> None:
    (front_end / "manifest.json").unlink()
    for path in ("/widget.js", "/console", f"/panel?site={business.site.id}", "/assets/panel-AB12CD34.js"):
        answer = await script.get(path)
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "not_built")
        assert "make build" in answer.text


async def test_the_policy_speaks_the_readers_language(business: Business, script: httpx.AsyncClient) -> None:
    async def policy(accept: str, **more: str) -> str:
        answer = await script.get(
            "/policy", params={"site": business.site.id} | more, headers={"Accept-Language": accept}
        )
        assert answer.status_code == 200
        assert answer.headers["vary"] == "Accept-Language"
        return answer.text

    english, chinese = await policy("en-GB,en;q=0.9"), await policy("zh-TW,zh;q=0.9,en;q=0.8")
    assert "What this chat records" in english
    assert "这个聊天窗口记录什么" in chinese
    assert "Fern and Oak" in english
    assert "Fern and Oak" in chinese
    assert await policy("fr") == english
    assert await policy("") == english
    assert await policy("zh;q=0.3, en;q=0.7") == english
    assert await policy("en", lang="zh") == chinese


async def test_names_of_businesses_and_sites_stay_text(
    business: Business, script: httpx.AsyncClient, opened: Stores
) -> None:
    attack = '<script>alert("x")</script>'
    workspace = Workspace(WorkspaceId(UUID(int=7)), attack, 1)
    await opened.workspaces.add(workspace)
    site = Site(
        id=SiteId("evil"),
        workspace=workspace.id,
        name=attack,
        origins=(),
        greeting="",
        policy_url="",
        policy_version="",
        created_at=1,
    )
    await opened.sites.add(site)
    for path in ("/policy?site=evil", "/policy?site=evil&lang=zh", "/panel?site=evil"):
        answer = await script.get(path)
        assert answer.status_code == 200
        assert "<script>" not in answer.text


async def test_the_demo_shows_the_first_site_by_the_snippet(business: Business, script: httpx.AsyncClient) -> None:
    answer = await script.get("/demo")
    assert answer.status_code == 200
    assert f'data-site="{business.site.id}"' in answer.text
    assert 'src="http://localhost:8000/widget.js"' in answer.text
    policy = directives(answer)
    assert "'unsafe-inline'" not in policy["script-src"]
    assert "http://localhost:8000" in policy["frame-src"]


async def test_without_a_site_the_demo_says_how_to_make_one(script: httpx.AsyncClient) -> None:
    answer = await script.get("/demo", headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert "aican site create" in answer.text


async def test_the_start_leads_to_demo_and_console(script: httpx.AsyncClient) -> None:
    page = (await script.get("/")).text
    assert 'href="/demo"' in page
    assert 'href="/console"' in page


async def test_what_pages_refer_to_is_there(business: Business, script: httpx.AsyncClient) -> None:
    for path in ("/", "/demo", "/console", f"/panel?site={business.site.id}", f"/policy?site={business.site.id}"):
        page = (await script.get(path)).text
        for address in set(re.findall(r'(?:href|src)="(/[^"]*)"', page)):
            answer = await script.get(html.unescape(address))
            assert answer.status_code == 200, f"{path} refers to {address}"


async def test_the_icon_is_a_picture(script: httpx.AsyncClient) -> None:
    assert (await script.get("/favicon.ico")).headers["content-type"] == "image/svg+xml"


@pytest.mark.parametrize("path", ["/panel?site={}", "/policy?site={}", "/demo"])
async def test_a_site_whose_record_is_damaged_has_its_pages_and_is_embedded_by_nobody_else(
    business: Business, script: httpx.AsyncClient, opened: Stores, path: str
) -> None:
    await opened.sites._sites.update_one({"_id": business.site.id}, {"$set": {"origins": 7}, "$unset": {"greeting": 1}})
    await opened.workspaces._workspaces.update_one({"_id": business.workspace.id}, {"$set": {"name": 7}})
    answer = await script.get(path.format(business.site.id))
    assert answer.status_code == 200
    assert "https://fern.example" not in answer.headers["content-security-policy"]
