"""What is kept is sealed, and kept through a crash of any one process."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from uuid import UUID

import httpx
import pytest
import redis
from pymongo import MongoClient

from chat.protocol.frames import Claim, Introduce
from gateway.client import Client
from tests.commands.eventually import eventually
from tests.product.running import OWNER, Product, run_to_its_end

pytestmark = [pytest.mark.stores, pytest.mark.processes]

SENTENCE = "my grandmother's walnut sideboard arrived with a cracked hinge"
ANSWER = "we shall send a cabinetmaker on Thursday before noon"
ADDRESS = "walnut.owner@visitor-mail.example"
CANARY = "this sentence was stored in the open on purpose"


async def _chat(product: Product, cookies: httpx.Cookies) -> UUID:
    async with product.visitor() as visitor, product.agent(cookies) as agent:
        await visitor.post(visitor.conversation, SENTENCE)
        await visitor.ask(Introduce(0, "Wanda Nutt", ADDRESS))
        await agent.ask(Claim(0, visitor.conversation))
        await agent.post(visitor.conversation, ANSWER)
        return visitor.conversation


def _plant_a_canary(product: Product) -> None:
    """A sentence in the open in both stores: a search that does not find it would prove nothing."""
    with MongoClient[dict[str, object]](product.mongodb_url) as client:
        client["canary"]["canary"].insert_one({"text": CANARY})
        client.admin.command("fsync")
    with redis.Redis.from_url(product.redis_url) as connection:
        connection.set("canary", CANARY)
        connection.save()


def _holding(directory: Path, sought: str) -> list[Path]:
    """Files whose bytes hold the text."""
    return [path for path in directory.rglob("*") if path.is_file() and sought.encode() in path.read_bytes()]


def test_the_raw_files_of_both_stores_hold_nothing_that_was_said(product: Product, token: str) -> None:
    conversation = run_to_its_end(_chat(product, product.sign_in()))
    rows = product.exported(token)
    times = [(row["opened_at"], row["at"]) for row in rows if row["conversation"] == str(conversation)]
    assert min(at for _, at in times) == times[0][0], "it was opened when its first message was received"
    said = [row["text"] for row in rows]
    assert SENTENCE in said
    assert ANSWER in said

    _plant_a_canary(product)
    mongodb, valkey = product.data_dir / "mongodb", product.data_dir / "redis"
    eventually(lambda: _holding(mongodb, CANARY), within_s=90)  # the engine's checkpoint comes once a minute
    assert _holding(valkey, CANARY)
    for secret in (SENTENCE, ANSWER, ADDRESS, "Wanda Nutt", OWNER["email"], OWNER["name"], OWNER["password"]):
        assert _holding(product.data_dir, secret) == []


@pytest.mark.parametrize("victim", ["gateway", "web", "jobs", "mongodb", "redis"])
def test_a_chat_goes_on_after_kill_9_of(victim: str, product: Product, token: str) -> None:
    eventually(product.is_ready)
    conversation, texts = run_to_its_end(_chat_through_a_crash(product, victim))
    eventually(product.is_ready)
    rows = [row for row in product.exported(token) if row["conversation"] == str(conversation)]
    assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
    assert sorted(row["text"] for row in rows if row["kind"] == "text") == sorted(texts)


async def _chat_through_a_crash(product: Product, victim: str) -> tuple[UUID, list[str]]:
    cookies = product.sign_in()
    async with product.visitor() as visitor, product.agent(cookies) as agent:
        conversation = visitor.conversation
        await visitor.post(conversation, f"before {victim} dies")
        await agent.ask(Claim(0, conversation))
        pid = product.pid(victim)
        os.kill(pid, signal.SIGKILL)
        texts = [f"before {victim} dies", f"while {victim} is gone", f"and an answer without {victim}"]
        async with asyncio.timeout(60):
            await asyncio.gather(visitor.post(conversation, texts[1]), agent.post(conversation, texts[2]))
        await asyncio.to_thread(eventually, lambda: product.pid(victim) != pid and product.is_ready())
        async with asyncio.timeout(30):
            texts.append(f"after {victim} came back")
            await agent.post(conversation, texts[-1])
            assert await _seen(visitor, len(texts)) == sorted(texts)
            assert await _seen(agent, len(texts)) == sorted(texts)
    return conversation, texts


async def _seen(client: Client, count: int) -> list[str]:
    """The first ``count`` texts that this client was shown in all, sorted."""
    seen: list[str] = []
    async for _, message in client.messages():
        if message.kind == 0:
            seen.append(message.body)
        if len(seen) == count:
            return sorted(seen)
    raise AssertionError("the client was closed")
