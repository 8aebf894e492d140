"""Settings: what is unset works on one machine; what is wrong is named, without its secrets."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from chat.errors import OperatorError
from config.settings import known_names, load, read


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.upper().startswith("AICAN_"):
            monkeypatch.delenv(name)


def test_with_nothing_set_everything_is_on_this_machine(tmp_path: Path) -> None:
    settings = load()
    assert (settings.web_host, settings.web_port) == ("127.0.0.1", 8000)
    assert (settings.gateway_host, settings.gateway_port) == ("127.0.0.1", 8001)
    assert settings.public_url == "http://localhost:8000"
    assert settings.gateway_url == "ws://localhost:8001"
    assert settings.data_dir == tmp_path / "var"
    assert settings.keyring == tmp_path / "var" / "keyring.json"
    assert settings.redis_address == f"unix://{tmp_path}/var/run/redis.sock?db=0"
    assert settings.mongodb_address.startswith("mongodb://%2F")


def test_public_addresses_and_the_key_ring_follow_what_was_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AICAN_WEB_PORT", "9000")
    monkeypatch.setenv("AICAN_GATEWAY_PORT", "9001")
    monkeypatch.setenv("AICAN_DATA_DIR", "/srv/chat")
    settings = load()
    assert settings.public_url == "http://localhost:9000"
    assert settings.gateway_url == "ws://localhost:9001"
    assert settings.keyring == Path("/srv/chat/keyring.json")


def test_a_dotenv_file_counts_and_the_environment_goes_before_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("AICAN_WEB_PORT=9000\nAICAN_LOG_LEVEL=debug\nOTHER=1\n")
    monkeypatch.setenv("AICAN_WEB_PORT", "9100")
    settings = load()
    assert settings.web_port == 9100
    assert settings.log_level == "debug"


@pytest.mark.parametrize("port", ["0", "65536", "-1", "80.5", "eighty", "²"])
def test_a_port_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch, port: str) -> None:
    monkeypatch.setenv("AICAN_GATEWAY_PORT", port)
    with pytest.raises(OperatorError, match=r"AICAN_GATEWAY_PORT is .*from 1 to 65535"):
        load()


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("AICAN_PUBLIC_URL", "chat.example", "http:// or https://"),
        ("AICAN_PUBLIC_URL", "https://", "must name a host"),
        ("AICAN_GATEWAY_URL", "https://chat.example", "ws:// or wss://"),
        ("AICAN_MONGODB_URL", "postgres://a:hush@db", "mongodb:// or mongodb+srv://"),
        ("AICAN_REDIS_URL", "http://a:hush@cache", "redis:// or rediss:// or unix://"),
        ("AICAN_LOG_LEVEL", "loud", "debug, info, warning or error"),
        ("AICAN_TRUSTED_PROXIES", "10.0.0.0/8, mine", "networks such as 10.0.0.0/8"),
        ("AICAN_PUBLIC_URL", "https://chat.example:99999", "1 to 65535"),
        ("AICAN_PUBLIC_URL", "https://example/chat", "scheme, host and port only"),
        ("AICAN_REDIS_URL", "redis://:hush@cache:port", "1 to 65535"),
        ("AICAN_REDIS_URL", "redis://a:hu/hush@cache", "/ as %2F"),
        ("AICAN_REDIS_URL", "redis+sentinel://:hush@cache,other:26379/", "redis+sentinel://host:26379/SERVICE"),
        ("AICAN_REDIS_URL", "redis+cluster://:hush@cache,other:port", "1 to 65535"),
        ("AICAN_MONGODB_URL", "mongodb://a:hu?hush@db", "? as %3F"),
        ("AICAN_MONGODB_URL", "mongodb://hush[@db", "is not a URL"),
        ("AICAN_DATA_DIR", "~nobody-of-this-name/data", "that this machine does not know"),
        ("AICAN_KEYRING", "/", "it must be a file"),
        ("AICAN_MONGODB_URL", "mongodb://a:hush@db:27017,other:port", "1 to 65535"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_wanted(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, wanted: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(OperatorError) as caught:
        load()
    assert str(caught.value).startswith(name)
    assert wanted in str(caught.value)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        *("redis://cache", "rediss://a:b@cache:6380/1", "unix:///run/redis.sock?db=2", "redis://[::1]:6379"),
        *("redis+sentinel://a:b@one:26379,two/orders/2", "rediss+cluster://:b@one:7000,[::1]:7001"),
    ],
)
def test_every_form_of_a_redis_address_passes_as_it_is(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("AICAN_REDIS_URL", url)
    assert load().redis_address == url


@pytest.mark.parametrize("url", ["mongodb://a,b:27018,c/aican?replicaSet=rs", "mongodb+srv://a:b@cluster.example/x"])
def test_every_form_of_a_mongodb_address_passes_as_it_is(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("AICAN_MONGODB_URL", url)
    assert load().mongodb_address == url


def test_passwords_in_addresses_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AICAN_MONGODB_URL", "mongodb://aican:hush@db/aican")
    monkeypatch.setenv("AICAN_REDIS_URL", "redis://:hush@cache")
    settings = load()
    assert "hush" not in f"{settings!r} {settings}"
    assert "hush" in settings.environment()["AICAN_REDIS_URL"], "children need the real one"


def test_an_unknown_name_in_the_environment_is_an_error_that_suggests_the_nearest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AICAN_MONGO_URL", "mongodb://db")
    with pytest.raises(OperatorError) as caught:
        load()
    assert str(caught.value) == "AICAN_MONGO_URL (in the environment) is not a setting. Did you mean AICAN_MONGODB_URL?"


def test_an_unknown_name_in_the_dotenv_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("AICAN_PORT=80\n")
    with pytest.raises(OperatorError, match=r"AICAN_PORT \(in \.env\) is not a setting"):
        load()


def test_a_name_like_no_other_gets_the_list_of_known_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AICAN_ZZZ", "1")
    with pytest.raises(OperatorError) as caught:
        load()
    assert all(name in caught.value.remedy for name in known_names())


def test_everything_that_is_wrong_is_told_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("AICAN_LOG_LEVEL=loud\nAICAN_PORT=80\nno sense\n")
    monkeypatch.setenv("AICAN_WEB_PORT", "eighty")
    with pytest.raises(OperatorError) as caught:
        load()
    told = str(caught.value)
    for part in ("AICAN_LOG_LEVEL", "AICAN_PORT (in .env)", ".env, line 3,", "AICAN_WEB_PORT"):
        assert part in told
    assert "\n" not in told


def test_for_a_diagnosis_what_is_wrong_has_its_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AICAN_WEB_PORT", "eighty")
    monkeypatch.setenv("AICAN_REDIS_URL", "http://cache")
    monkeypatch.setenv("AICAN_GATEWAY_PORT", "9001")
    settings, wrong = read()
    assert [each.name for each in wrong] == ["AICAN_WEB_PORT", "AICAN_REDIS_URL"]
    assert (settings.web_port, settings.gateway_port, settings.redis_url) == (8000, 9001, None)


def test_a_dotenv_file_that_is_no_text_is_one_line(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"AICAN_WEB_PORT=\xff\n")
    with pytest.raises(OperatorError, match=r"\.env cannot be read: it is not UTF-8\."):
        load()
    assert read()[0].web_port == 8000


def test_a_directory_of_that_name_is_no_dotenv_file(tmp_path: Path) -> None:
    (tmp_path / ".env").mkdir()
    assert load().web_port == 8000


def test_children_get_the_very_same_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AICAN_WEB_PORT", "9000")
    settings = load()
    for name, value in settings.environment().items():
        monkeypatch.setenv(name, value)
    assert load() == settings


def test_two_servers_on_one_port_are_refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AICAN_WEB_PORT", "8310")
    monkeypatch.setenv("AICAN_GATEWAY_PORT", "8310")
    with pytest.raises(OperatorError, match="both 8310"):
        load()
    monkeypatch.setenv("AICAN_GATEWAY_HOST", "127.0.0.2")
    assert load().gateway_port == 8310


def test_an_empty_value_means_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AICAN_REDIS_URL", "")
    assert load().redis_url is None
