"""The commands by which a business says where its chat stands, and what it says there."""

from __future__ import annotations

import httpx
import pytest

from chat.accounts.embedding import GREETING_CHARACTERS
from chat.conversations.greetings import CHINESE, ENGLISH
from gateway.bootstrap import Stores
from tests.web.business import Business
from tests.web.shell import Shell

pytestmark = pytest.mark.stores


async def test_a_site_is_its_key_and_the_line_to_paste(
    business: Business, aican: Shell, opened: Stores, script: httpx.AsyncClient
) -> None:
    said = await aican(
        "site", "create", "--name", "Blog", "--origin", "https://Blog.example/", "--origin", "http://x:81"
    )
    assert said.code == 0, said.err
    key = said.last
    assert f'<script async src="http://localhost:8000/widget.js" data-site="{key}"></script>' in said.out
    sites = {site.id: site for site in await opened.sites.of(business.workspace.id)}
    assert sites[key].origins == ("https://blog.example", "http://x:81")
    policy = await script.get(sites[key].policy_url)
    assert policy.status_code == 200


async def test_a_site_takes_origins_only(business: Business, aican: Shell) -> None:
    for origin in ("https://*.example", "shop.example", "https://shop.example/cart", ""):
        said = await aican("site", "create", "--name", "Blog", "--origin", "https://fine.example", "--origin", origin)
        assert (said.code, said.out) == (1, "")
        assert said.err.startswith(f"aican: --origin {origin!r} cannot be used; wanted: scheme, host and port only, ")
        assert len(said.err.splitlines()) == 1


async def test_a_site_takes_the_words_of_its_business(
    business: Business, aican: Shell, opened: Stores, script: httpx.AsyncClient
) -> None:
    before = business.site
    words = ("--name", "Fern & Oak", "--greeting", "Grüß Gott!", "--greeting-zh", "欢迎光临！")
    said = await aican("site", "set", before.id, *words)
    assert said.code == 0, said.err
    assert said.out.splitlines()[0] == f"{before.id}  Fern & Oak"
    assert "within 30 seconds" in said.last
    now = await opened.sites.get(before.id)
    assert now is not None
    assert (now.name, now.greeting, now.greeting_zh) == ("Fern & Oak", "Grüß Gott!", "欢迎光临！")
    assert (now.origins, now.policy_url) == (before.origins, before.policy_url)

    said = await aican("site", "set", before.id, "--greeting", "", "--greeting-zh", " ")
    assert said.code == 0, said.err
    now = await opened.sites.get(before.id)
    assert now is not None
    assert (now.name, now.greeting, now.greeting_zh) == ("Fern & Oak", "", "")


async def test_a_sites_list_of_origins_grows_and_shrinks(business: Business, aican: Shell, opened: Stores) -> None:
    said = await aican("site", "set", business.site.id, "--add-origin", "https://Blog.example/")
    assert said.code == 0, said.err
    said = await aican(
        "site", "set", business.site.id, "--remove-origin", "https://fern.example", "--add-origin", "http://x:81"
    )
    assert said.code == 0, said.err
    now = await opened.sites.get(business.site.id)
    assert now is not None
    assert now.origins == ("https://blog.example", "http://x:81")


async def test_every_site_is_listed_with_what_its_visitors_read(
    business: Business, rival: Business, aican: Shell
) -> None:
    second = await business.another_site()
    assert (await aican("site", "set", second.id, "--greeting", "Hallo!")).code == 0
    said = await aican("site", "list")
    assert said.out.splitlines() == [
        f"{business.site.id}  {business.site.name}",
        "  origin       https://fern.example",
        f"  greeting     {ENGLISH}",
        f"  greeting-zh  {CHINESE}",
        "",
        f"{second.id}  Second shop",
        "  origin       https://second.example",
        "  greeting     Hallo!",
        "  greeting-zh  Hallo!",
    ]


async def test_what_is_wrong_with_a_change_is_one_line_and_changes_nothing(
    business: Business, rival: Business, aican: Shell, opened: Stores
) -> None:
    ours = f"The sites are: {business.site.id} ({business.site.name}).\n"
    key = business.site.id
    for words, part in (
        (("unknown", "--name", "x"), f"there is no site with the key 'unknown'. {ours}"),
        ((rival.site.id, "--name", "x"), ours),
        ((key, "--name", ""), "--name cannot be used; wanted: between 1 and 80 characters."),
        ((key, "--greeting", "x" * (GREETING_CHARACTERS + 1)), "--greeting cannot be used; wanted: between 1 and 300"),
        ((key, "--greeting-zh", "\x1b[2J"), "--greeting-zh cannot be used; wanted: letters,"),
        ((key, "--add-origin", "https://*.example"), "--add-origin 'https://*.example' cannot be used; wanted: scheme"),
        ((key, "--remove-origin", "https://no.example"), "https://fern.example; https://no.example is none."),
        ((key, "--remove-origin", "https://fern.example"), "--origin cannot be used; wanted: between 1 and 50 origins"),
    ):
        said = await aican("site", "set", *words)
        assert (said.code, said.out) == (1, "")
        assert part in said.err
        assert len(said.err.splitlines()) == 1
    said = await aican("site", "set", key)
    assert (said.code, said.err) == (2, "aican: Nothing to change was given. Try `aican site set --help`.\n")
    assert await opened.sites.get(key) == business.site


async def test_the_business_is_called_by_its_name_in_the_policy(
    business: Business, aican: Shell, script: httpx.AsyncClient
) -> None:
    said = await aican("workspace", "set", "--name", "  Fern &  Oak Ltd ")
    assert (said.code, said.out) == (0, "Fern & Oak Ltd\n"), said.err
    assert "Fern &amp; Oak Ltd" in (await script.get("/policy", params={"site": business.site.id})).text
    said = await aican("workspace", "set", "--name", "")
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("aican: --name cannot be used; wanted: between 1 and 80 characters.")
