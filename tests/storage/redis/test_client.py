"""Addresses, and the connections that come of them: TLS, passwords, databases, on both event loops."""

from __future__ import annotations

import asyncio
import datetime
import re
import secrets
import ssl
import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
import uvloop
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from redis.asyncio import Redis, RedisCluster
from redis.asyncio.connection import SSLConnection

from chat.errors import Unavailable
from chat.ids import AccountId, ConversationId, Seq
from chat.model import ReadMarks, Role
from chat.ports import Rate
from storage.redis import (
    RedisBudgets,
    RedisBus,
    RedisMarkBoard,
    RedisNumbers,
    RedisPresence,
    RedisSignIns,
    RedisTickets,
    Turn,
    connect,
)
from storage.redis.cluster import Cluster
from storage.redis.servers import OneServer, Watched
from tests.storage.redis.conftest import CLUSTER, on_one_server
from tests.storage.redis.proxy import Proxy
from tests.storage.values import UNLIMITED, WORKSPACE, admitted, sign_in
from tests.storage.waiting import next_of

Loop = Callable[[], asyncio.AbstractEventLoop]
BIG = bytes(range(256)) * 4_096
DOCUMENTATION = " ".join((Path(__file__).parents[3] / "docs" / "redis.md").read_text().split())


# --- what an address says ---------------------------------------------------------------------------------------------


def test_an_address_of_one_server_is_the_drivers() -> None:
    one = connect("rediss://user:p%40ss@redis.example:7000/3?ssl_check_hostname=false&max_connections=9")
    assert isinstance(one, OneServer)
    assert one._kind is SSLConnection
    expected = {"host": "redis.example", "port": 7000, "db": 3, "username": "user", "password": "p@ss"}
    assert expected.items() <= one._options.items()
    assert one._options["ssl_check_hostname"] is False
    assert "max_connections" not in one._options


def test_an_address_with_sentinels_names_their_service() -> None:
    watched = connect("rediss+sentinel://user:secret@one.example,two.example:7/orders/2?sentinel_password=theirs")
    assert isinstance(watched, Watched)
    assert watched._service == "orders"
    assert watched._kind is SSLConnection
    assert {"db": 2, "username": "user", "password": "secret"}.items() <= watched._options.items()
    first, second = watched._sentinels
    assert {"host": "one.example", "port": 26379, "password": "theirs", "db": 0}.items() <= first._options.items()
    assert {"host": "two.example", "port": 7}.items() <= second._options.items()
    assert first._kind is SSLConnection
    assert first._options["username"] is None


def test_an_address_of_a_cluster_names_some_of_its_nodes() -> None:
    cluster = connect("redis+cluster://:secret@one.example,[::1]:7001")
    assert isinstance(cluster, Cluster)
    assert cluster._seeds == ["one.example:6379", "::1:7001"]
    assert cluster._options["password"] == "secret"


@pytest.mark.parametrize(
    "url",
    [
        "http://redis.example",
        "redis+sentinel://one.example:26379",
        "redis+sentinel://one.example:26379/",
        "redis+sentinel://one.example,,two.example/orders",
        "redis+cluster://",
        "redis+cluster://one.example:port",
        "redis+anything://one.example",
    ],
)
def test_another_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        connect(url)


# --- what comes of it -------------------------------------------------------------------------------------------------


@on_one_server
async def test_user_and_database_of_the_address_are_used(url: str, redis: Redis) -> None:
    address = url.replace("unix://", "unix://guest:secret@").replace("db=0", "db=5")
    await redis.execute_command("ACL", "SETUSER", "guest", "on", ">secret", "~*", "&*", "+@all")  # type: ignore[no-untyped-call]
    try:
        async with Turn(connect(address)) as turn:
            await turn.check()
            assert await turn.ask("ACL", "WHOAMI") == b"guest"
            await turn.ask("SET", "key", "in five")
        async with Turn(connect(address.replace("secret", "wrong"))) as turn:
            with pytest.raises(Unavailable):
                await turn.ask("PING")
    finally:
        await redis.execute_command("ACL", "DELUSER", "guest")  # type: ignore[no-untyped-call]
    assert await redis.get("key") is None
    async with Redis.from_url(url.replace("db=0", "db=5")) as fifth:
        assert await fifth.get("key") == b"in five"


async def test_the_rights_that_the_documentation_asks_for_are_enough(url: str, redis: Redis, deployment: str) -> None:
    (rights,) = re.findall(r"An ACL needs `(.*?)`", DOCUMENTATION)
    further = re.findall(r"`(\+cluster.*?)` on a Cluster", DOCUMENTATION) if deployment == CLUSTER else []
    everywhere = {"target_nodes": RedisCluster.ALL_NODES} if deployment == CLUSTER else {}
    words = ["ACL SETUSER", "guest", "reset", "on", ">secret", *rights.split(), *" ".join(further).split()]
    await redis.execute_command(*words, **everywhere)  # type: ignore[no-untyped-call]
    try:
        servers = connect(url.replace("://", "://guest:secret@", 1))
        async with Turn(servers) as turn, RedisBus(servers, turn) as bus:
            await turn.check()
            await turn.about()
            await turn.ping()
            await _all_adapters(turn)
            await bus.subscribe(["here"])
            await bus.ping()
            await bus.publish("here", b"heard")
            assert await next_of(bus.facts()) == ("here", b"heard")
    finally:
        await redis.execute_command("ACL DELUSER", "guest", **everywhere)  # type: ignore[no-untyped-call]


async def _all_adapters(turn: Turn) -> None:
    here, secret_hash = ConversationId(uuid4()), secrets.token_bytes(32)
    numbers, marks = RedisNumbers(turn), RedisMarkBoard(turn)
    assert await numbers.number(admitted(here), author=UNLIMITED, conversation=UNLIMITED, floor=Seq(0))
    await numbers.resume(here, highest=Seq(3), ended=False)
    assert await numbers.tops([here]) == [3]
    await marks.raise_to(here, ReadMarks(Role.VISITOR, Seq(1), Seq(1)))
    assert await marks.of(here)
    assert await RedisBudgets(turn).take("budget", Rate(1_000, 1)) is None
    presence, account = RedisPresence(turn), AccountId(uuid4())
    await presence.touch(WORKSPACE, account, "one", available=True)
    assert await presence.online(WORKSPACE) == {account: True}
    await presence.leave(WORKSPACE, account, "one")
    sign_ins, signed_in = RedisSignIns(turn), sign_in(secret_hash, at=time.time_ns() // 1_000_000)
    await sign_ins.add(secret_hash, signed_in)
    assert await sign_ins.use(secret_hash, now=signed_in.used_at + 61_000)
    await sign_ins.end(secret_hash)
    await sign_ins.end_all(signed_in.account)
    await RedisTickets(turn).add(secret_hash, signed_in)
    assert await RedisTickets(turn).take(secret_hash)


@pytest.mark.parametrize("loop", [uvloop.new_event_loop, asyncio.new_event_loop], ids=["uvloop", "asyncio"])
def test_everything_goes_over_tls_too(redis_url: str, tmp_path: Path, loop: Loop) -> None:
    certificate, context = _certified(tmp_path)

    async def talk() -> None:
        async with Proxy(redis_url, tls=context) as proxy:
            servers = connect(f"{proxy.url}?ssl_ca_certs={certificate}")
            async with Turn(servers) as turn, RedisBus(servers, turn) as bus:
                await _everything(turn, bus)
            async with Turn(connect(proxy.url)) as suspicious:
                with pytest.raises(Unavailable):
                    await suspicious.ask("PING")

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(talk())


def test_the_plain_event_loop_will_do(redis_url: str) -> None:
    async def talk() -> None:
        servers = connect(redis_url)
        async with Turn(servers) as turn, RedisBus(servers, turn) as bus:
            await _everything(turn, bus)

    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        runner.run(talk())


async def _everything(turn: Turn, bus: RedisBus) -> None:
    assert await turn.ask("SET", "big", BIG) == b"OK"
    assert await asyncio.gather(*[turn.ask("GET", "big") for _ in range(5)]) == [BIG] * 5
    assert await asyncio.gather(*[turn.ask("INCR", "n") for _ in range(1_000)]) == list(range(1, 1_001))
    await bus.subscribe([f"topic {number}" for number in range(1_000)])
    await bus.ping()
    facts = bus.facts()
    for fact in (b"small", BIG):
        await bus.publish("topic 7", fact)
        assert await next_of(facts) == ("topic 7", fact)


def _certified(directory: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate for localhost that signs itself, and what a server needs to show it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    shown, kept = directory / "certificate.pem", directory / "key.pem"
    shown.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    kept.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(shown, kept)
    return shown, context
