"""The commands as somebody types them."""

from __future__ import annotations

import json
import os
import re
import stat
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from chat.model import AccountRole
from chat.transcripts.rows import Fault
from config.settings import Settings
from gateway.bootstrap import Stores
from tests.web.business import PASSWORD, TEN_O_CLOCK, Business
from tests.web.conftest import Browser
from tests.web.shell import Shell

pytestmark = pytest.mark.stores


async def test_an_account_is_made_by_a_link_on_the_last_line(
    business: Business, aican: Shell, browser: Browser
) -> None:
    said = await aican("account", "create", "--email", "Bo@fern.example", "--role", "admin")
    assert said.code == 0, said.err
    link = re.fullmatch(r"http://localhost:8000/console/welcome#([\w-]{43})", said.last)
    assert link is not None
    offered = (await browser.post("/invitation", {"token": link[1]})).json()
    assert (offered["email"], offered["role"]) == ("Bo@fern.example", "admin")


async def test_an_account_can_be_made_with_a_password_from_a_pipe(
    business: Business, aican: Shell, browser: Browser
) -> None:
    words = ("account", "create", "--email", "bo@fern.example", "--role", "owner", "--name", "Bo", "--password-stdin")
    said = await aican(*words, given=PASSWORD + "\n")
    assert said.code == 0, said.err
    assert PASSWORD not in said.out
    answer = (await browser.sign_in("bo@fern.example")).json()
    assert (answer["account"]["name"], answer["account"]["role"]) == ("Bo", AccountRole.OWNER)


async def test_what_is_wrong_with_an_account_is_one_line(business: Business, aican: Shell) -> None:
    await business.agent("anna@fern.example")
    create = ("account", "create", "--role", "agent", "--email")
    for words, given, part in (
        (
            (*create, "Anna@fern.example"),
            None,
            "--email Anna@fern.example has an account already. It signs in at http://localhost:8000/console;",
        ),
        ((*create, "anna"), None, "--email cannot be used; wanted: an e-mail address, such as anna@example.com. "),
        ((*create, "bo@fern.example", "--password-stdin"), "short", "the password cannot be used; wanted: at least 15"),
        ((*create, "bo@fern.example", "--password-stdin"), "", "the password cannot be used; wanted: at least 15"),
        ((*create, "bo@fern.example", "--name", "", "--password-stdin"), PASSWORD, "--name cannot be used; wanted: "),
    ):
        said = await aican(*words, given=given)
        assert said.code == 1
        assert part in said.err
        assert len(said.err.splitlines()) == 1
        assert said.out == ""


async def test_a_name_without_a_password_makes_a_link_that_asks_for_it(business: Business, aican: Shell) -> None:
    said = await aican("account", "create", "--email", "bo@fern.example", "--role", "agent", "--name", "Bo")
    assert said.code == 0
    assert re.fullmatch(r"http://localhost:8000/console/welcome#([\w-]{43})", said.last)
    assert said.err == "The link asks for the name that visitors see: 'Bo' is not kept.\n"


async def test_a_token_stands_alone_on_the_last_line_and_exports(
    business: Business, aican: Shell, script: httpx.AsyncClient
) -> None:
    await business.conversation("one")
    said = await aican("token", "create", "--name", "nightly", "--expires-days", "30")
    assert re.fullmatch(r"aican_[\w-]{43}", said.last)
    answer = await script.get("/api/v1/transcripts", headers={"Authorization": f"Bearer {said.last}"})
    assert json.loads(answer.text)["text"] == "one"
    assert (await aican("token", "create", "--expires-days", "0")).code == 2


async def test_the_export_is_the_endpoints(business: Business, aican: Shell, script: httpx.AsyncClient) -> None:
    second = await business.another_site()
    await business.conversation("=one", "two")
    await business.conversation("three", opened_at=TEN_O_CLOCK + 3_600_000, site=second)
    headers = {"Authorization": f"Bearer {await business.token()}"}
    for words, query in (
        ((), {}),
        (("--format", "csv"), {"format": "csv"}),
        (("--site", second.id), {"site": second.id}),
        (("--from", "2026-11-23T10:30:00Z"), {"from": "2026-11-23T10:30:00Z"}),
        (("--to", "2026-11-23T10:30:00Z"), {"to": "2026-11-23T10:30:00Z"}),
    ):
        said = await aican("export", *words)
        answer = await script.get("/api/v1/transcripts", params=query, headers=headers)
        assert said.code == 0, said.err
        assert answer.status_code == 200
        assert said.out.encode() == answer.content


async def test_what_is_damaged_is_told_beside_an_export_and_not_within_it(
    business: Business, aican: Shell, opened: Stores
) -> None:
    conversation = await business.conversation("one", visitor_name="Mei")
    for collection, name, field in (
        (opened.conversations._conversations, conversation.id, "state"),
        (opened.visitors._visitors, conversation.visitor, "name"),
    ):
        await collection.update_one({"_id": name}, {"$set": {field: 77}})
    said = await aican("export")
    assert [json.loads(line)["error"] for line in said.out.splitlines()] == ["damaged", ""]
    assert f"a damaged document in conversations, _id {conversation.id}, is read without: state" in said.err
    assert f"a name does not open: visitors, _id {conversation.visitor}" in said.err


async def test_what_a_command_warns_of_is_beside_its_output(
    business: Business, settings: Settings, tmp_path: Path
) -> None:
    """A store that is waited for is warned of; the output is for whoever reads it through a pipe."""
    away = settings.model_copy(update={"redis_url": SecretStr(f"unix://{tmp_path}/nobody.sock")})
    for command in (("export",), ("token", "create")):
        said = await Shell(away, tmp_path)(*command)
        assert (said.code, said.out) == (1, "")
        assert "waiting for a store" in said.err
        assert said.err.splitlines()[-1].startswith(f"aican: cannot reach Redis at {tmp_path}/nobody.sock")


async def test_the_help_of_export_names_every_reason_why_there_is_no_text(aican: Shell) -> None:
    said = await aican("export", "--help")
    assert [fault for fault in Fault if fault and f"`{fault}`" not in said.out] == []


async def test_an_export_into_a_file_is_for_its_owner_alone(business: Business, aican: Shell, tmp_path: Path) -> None:
    await business.conversation("one")
    said = await aican("export", "--output", str(tmp_path / "out.ndjson"))
    assert (said.code, said.out) == (0, "")
    written = tmp_path / "out.ndjson"
    assert json.loads(written.read_text())["text"] == "one"
    assert stat.S_IMODE(written.stat().st_mode) == 0o600
    assert "unfinished" not in " ".join(os.listdir(tmp_path))


async def test_what_is_wrong_with_an_export_is_one_line(
    business: Business, rival: Business, aican: Shell, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    ours = f"The sites are: {business.site.id} ({business.site.name}).\n"
    for words, part in (
        (("--from", "yesterday"), "--from 'yesterday' cannot be used; wanted: a date"),
        (("--from", "2026-11-23", "--to", "2026-11-23"), "--from is not before --to"),
        (("--site", "unknown"), ours),
        (("--site", ""), ours),
        (("--site", rival.site.id), ours),
        (("--output", str(tmp_path / "none" / "out")), "cannot be written"),
        (("--output", str(tmp_path / "file" / "out")), "cannot be written"),
        (("--output", ""), "no name of a file"),
    ):
        said = await aican("export", *words)
        assert (said.code, said.out) == (1, "")
        assert part in said.err
        assert len(said.err.splitlines()) == 1


async def test_before_the_first_start_there_is_no_workspace(aican: Shell) -> None:
    said = await aican("token", "create")
    assert said.code == 1
    assert "Run `aican up` once" in said.err
