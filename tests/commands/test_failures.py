"""Whatever is given wrongly to a command: one line that names the remedy, an exit code, and never a traceback."""

from __future__ import annotations

import socket
import subprocess
from pathlib import Path

import pytest

from config.local import running_stores
from storage.keyring.file import create_ring
from tests.commands.running import AICAN, Install, clean_environment
from tests.ports import free_port

pytestmark = pytest.mark.processes

FAILED, WRONG_USAGE = 1, 2


def told(install: Install, *words: str, code: int = FAILED) -> str:
    """The one line that a failing command says, after its ``aican: ``."""
    done = install.run(*words)
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    assert done.stderr.startswith("aican: ")
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr.removeprefix("aican: ").strip()


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("upp", "No such command 'upp'. Try `aican --help`."),
        ("up now", "Got unexpected extra argument (now). Try `aican up --help`."),
        ("web --port 1", "No such option '--port'. Try `aican web --help`."),
        ("gateway --tls 1", "No such option '--tls'. Try `aican gateway --help`."),
        ("jobs --once", "No such option '--once'. Try `aican jobs --help`."),
        ("doctor --xml", "No such option '--xml'. Try `aican doctor --help`."),
        ("account make", "No such command 'make'. Try `aican account --help`."),
        ("account create", "Missing option '--email'. Try `aican account create --help`."),
        ("site create --name Shop", "Missing option '--origin'. Try `aican site create --help`."),
        ("export --format pdf", "Invalid value for '--format': 'pdf' is not one of 'ndjson', 'csv'. Try `aican export"),
        ("token create --expires-days 0", "Invalid value for '--expires-days': 0 is not in the range 1<=x<=3650. Try"),
        ("chat", "Missing option '--site'. Try `aican chat --help`."),
    ],
)
def test_wrong_usage_is_one_line_that_names_the_page_of_help(install: Install, words: str, line: str) -> None:
    assert told(install, *words.split(), code=WRONG_USAGE).startswith(line)


@pytest.mark.parametrize(
    ("url", "line"),
    [
        ("localhost:8001", "--url must be a URL that begins with ws:// or wss://. Give the gateway's address"),
        ("ws://localhost:99999", "--url must have a whole number from 1 to 65535 as its port. Give the gateway's"),
        ("ws://", "--url must name a host after ://. Give the gateway's address"),
    ],
)
def test_an_address_that_nobody_can_dial_is_named(install: Install, url: str, line: str) -> None:
    assert told(install, "chat", "--site", "key", "--url", url).startswith(line)


def test_a_gateway_that_is_not_there_is_named(install: Install) -> None:
    url = f"ws://127.0.0.1:{free_port()}"
    assert told(install, "chat", "--site", "key", "--url", url).startswith(f"No gateway answers at {url}. Start one")


@pytest.mark.parametrize("command", ["web", "gateway", "jobs", "export", "token create"])
def test_without_a_key_ring_every_command_says_how_to_get_one(install: Install, command: str) -> None:
    line = told(install, *command.split())
    assert line == (
        f"There is no key ring at {install.data_dir}/keyring.json. "
        "Start with `aican up`, or point AICAN_KEYRING at yours."
    )


@pytest.mark.parametrize(
    ("url", "line"),
    [
        (
            "mongodb://a:p@wonderful-secret@127.0.0.1",
            "AICAN_MONGODB_URL is no address that the driver for MongoDB takes",
        ),
        ("mongodb://a:wonderful-secret@127.0.0.1:1", "cannot reach MongoDB at 127.0.0.1:1: "),
    ],
)
def test_a_store_whose_address_will_not_do_is_named_without_its_password(install: Install, url: str, line: str) -> None:
    create_ring(install.data_dir / "keyring.json")
    install.more = {"MONGODB_URL": url}
    said = told(install, "token", "create")
    assert said.startswith(line)
    assert "AICAN_MONGODB_URL" in said
    assert "wonderful-secret" not in said


def test_a_local_store_that_does_not_run_is_named_with_how_to_start_it(install: Install) -> None:
    create_ring(install.data_dir / "keyring.json")
    assert told(install, "token", "create") == (
        f"cannot reach the local MongoDB of {install.data_dir}. "
        "Start it with `aican up`, or set AICAN_MONGODB_URL to a server of yours."
    )


@pytest.mark.parametrize("command", ["web", "gateway"])
def test_a_server_that_cannot_listen_ends_at_once_with_the_setting_that_moves_it(
    install: Install, command: str
) -> None:
    create_ring(install.data_dir / "keyring.json")
    port = install.web_port if command == "web" else install.gateway_port
    with running_stores(install.data_dir, lambda line: None):
        with socket.create_server(("127.0.0.1", port)):
            done = install.run(command)
            assert (done.returncode, done.stderr.count("\n")) == (FAILED, 1), done.stderr
            assert str(port) in done.stderr
            assert f"AICAN_{command.upper()}_PORT" in done.stderr
        install.more = {f"{command.upper()}_HOST": "192.0.2.1"}
        done = install.run(command)
        assert (done.returncode, done.stderr.count("\n")) == (FAILED, 1), done.stderr
        assert "192.0.2.1" in done.stderr
        assert f"AICAN_{command.upper()}_HOST" in done.stderr


@pytest.mark.parametrize("command", ["web", "gateway"])
def test_a_taken_port_is_told_without_waiting_for_the_stores(install: Install, command: str) -> None:
    create_ring(install.data_dir / "keyring.json")
    port = install.web_port if command == "web" else install.gateway_port
    with socket.create_server(("127.0.0.1", port)):
        done = install.run(command)
    assert f"port {port} is taken by" in done.stderr
    assert "waiting for a store" not in done.stdout


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (b"web", "{path}, line 1: not `name: command`. Correct it."),
        (b'web: aican "web', "{path}, line 1: not `name: command`. Correct it."),
        (b"web: aican web\nweb: aican web", "{path}, line 2: web is there already. Rename one of them."),
        (b"web: \xff", "{path} cannot be read: it is not UTF-8. Correct it, or name another with --procfile."),
        (b"web: aican web", "{path} names no process 'gateway'. Add the line `gateway: aican gateway`."),
    ],
)
def test_a_procfile_that_will_not_do_is_named_by_its_line(install: Install, text: bytes, line: str) -> None:
    path = install.home / "Procfile"
    path.write_bytes(text)
    assert told(install, "up", "--procfile", str(path)) == line.format(path=path)


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a..b", "192.0.2.1"])
def test_a_host_that_is_not_ours_is_named_with_its_setting(install: Install, host: str) -> None:
    install.more = {"WEB_HOST": host}
    line = told(install, "up", "--procfile", str(install.procfile()))
    assert line.startswith(f"cannot listen on {host}: ")
    assert line.endswith("Set AICAN_WEB_HOST to an address of this machine.")


def test_a_full_disk_is_one_line(install: Install) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [AICAN, "--help"], env=clean_environment({}), stdout=full, stderr=subprocess.PIPE, check=False, timeout=60
        )
    assert done.returncode == FAILED
    assert done.stderr == b"aican: No space left on device. Correct that; `aican doctor` looks for more.\n"
