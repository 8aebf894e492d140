"""The product as its users have it: ``aican up`` with the real Procfile, both servers' ports, and commands."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx

from gateway.client import Client, agent, visitor
from gateway.commands.up import ready
from tests.commands.running import Install

Outcome = TypeVar("Outcome")

ROOT = Path(__file__).resolve().parents[2]
OWNER = {"name": "Olivia Park", "email": "olivia@business.example", "password": "wicker basket under nine moons"}
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"


@dataclass
class Product(Install):
    """A running Aican."""

    def procfile(self, **programs: str) -> Path:
        """The real one."""
        assert not programs
        return ROOT / "Procfile"

    @property
    def web(self) -> str:
        return f"http://localhost:{self.web_port}"

    @property
    def gateway(self) -> str:
        return f"ws://localhost:{self.gateway_port}"

    def is_ready(self) -> bool:
        """Whether both servers serve."""
        return ready("127.0.0.1", self.web_port) and ready("127.0.0.1", self.gateway_port)

    def last_line(self, *arguments: str) -> str:
        """The last line that a command prints; it must succeed."""
        done = self.run(*arguments)
        assert done.returncode == 0, done.stderr + done.stdout
        return done.stdout.strip().splitlines()[-1]

    def site_key(self) -> str:
        """The demo site's key, as the demo page has it."""
        page = httpx.get(f"{self.web}/demo")
        found = re.search(r'data-site="([^"]+)"', page.text)
        assert found, page.text
        return found[1]

    def post(self, path: str, body: dict[str, Any] | None = None, **options: Any) -> httpx.Response:
        """A POST as the console sends it."""
        return httpx.post(f"{self.web}{path}", json=body or {}, headers={"Origin": self.web}, **options)

    def sign_in(self, email: str = OWNER["email"], password: str = OWNER["password"]) -> httpx.Cookies:
        """The cookie of a fresh sign-in."""
        answer = self.post("/api/v1/sign-in", {"email": email, "password": password})
        assert answer.status_code == 200, answer.text
        return answer.cookies

    def visitor(self, **options: Any) -> Client:
        """A visitor of the demo site, not connected yet."""
        return visitor(self.gateway, self.site_key(), **{"user_agent": FIREFOX, **options})

    def agent(self, cookies: httpx.Cookies) -> Client:
        """The agent with this sign-in, not connected yet."""

        async def ticket() -> str:
            async with httpx.AsyncClient(cookies=cookies) as browser:
                answer = await browser.post(f"{self.web}/api/v1/ticket", json={}, headers={"Origin": self.web})
            if answer.status_code != 200:
                raise ConnectionError(answer.text)
            return str(answer.json()["ticket"])

        return agent(self.gateway, ticket)

    def exported(self, token: str) -> list[dict[str, Any]]:
        """Every message of the export, as NDJSON rows."""
        answer = httpx.get(f"{self.web}/api/v1/transcripts?format=ndjson", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 200, answer.text
        return [json.loads(line) for line in answer.text.splitlines()]


@contextmanager
def halted(pid: int) -> Iterator[None]:
    """A process that takes connections but does nothing."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def run_to_its_end(work: Coroutine[Any, Any, Outcome]) -> Outcome:
    """What asynchronous work gives. In a thread of its own: where a browser is driven, a loop runs in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def owner_link(said: str) -> str:
    """The one-time link in what ``aican up`` printed."""
    found = re.search(r"\S+/console/welcome#\S+", said)
    assert found, said
    return found[0]
