"""The web application on the real stores, and clients that behave as browsers and as scripts do."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import uvloop
from pydantic import SecretStr
from starlette.applications import Starlette

from chat.accounts.passwords import CHEAPEST, Passwords
from config.settings import Settings
from gateway.bootstrap import Stores, membership, open_stores, web_parts
from gateway.web.app import create_app
from gateway.web.parts import WebParts
from storage.keyring.file import create_ring
from tests.web.business import PASSWORD, Business, a_business
from tests.web.shell import Shell

HERE = "http://localhost:8000"
AS_BROWSER = {"Origin": HERE, "Sec-Fetch-Site": "same-origin"}


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"uvloop": uvloop.new_event_loop}


@pytest.fixture
def settings(tmp_path: Path, redis_url: str, mongodb_url: str) -> Settings:
    create_ring(tmp_path / "keyring.json")
    return Settings(
        data_dir=tmp_path,
        redis_url=SecretStr(redis_url),
        mongodb_url=SecretStr(mongodb_url),
        public_url=HERE,
        gateway_url="ws://localhost:8001",
    )


@pytest.fixture(scope="session")
def passwords() -> Iterator[Passwords]:
    """With the least work that argon2 can do; that production does more is tested beside the module."""
    passwords = Passwords(CHEAPEST, threads=2)
    yield passwords
    passwords.close()


@pytest.fixture
async def opened(settings: Settings) -> AsyncIterator[Stores]:
    async with open_stores(settings) as stores:
        yield stores


@pytest.fixture
def front_end(tmp_path: Path) -> Path:
    """A built front end, as far as the server can tell."""
    folder = tmp_path / "dist"
    folder.mkdir()
    names = {f"{name}.{kind}": f"{name}-AB12CD34.{kind}" for name in ("panel", "console") for kind in ("js", "css")}
    names["why.js"] = "why-AB12CD34.js"
    for name in names.values():
        (folder / name).write_text(f"/* {name} */")
    (folder / "widget.js").write_text("/* launcher */")
    (folder / "secret.txt").write_text("not in the manifest")
    (folder / "manifest.json").write_text(json.dumps(names | {"widget.js": "widget.js"}))
    return folder


@pytest.fixture
def parts(opened: Stores, settings: Settings, passwords: Passwords, front_end: Path) -> WebParts:
    return web_parts(opened, settings, passwords, front_end)


@pytest.fixture
def app(parts: WebParts) -> Starlette:
    return create_app(parts)


@pytest.fixture
async def business(opened: Stores, passwords: Passwords) -> Business:
    return await a_business(opened, membership(opened, passwords), "Fern and Oak")


@pytest.fixture
async def rival(opened: Stores, passwords: Passwords, business: Business) -> Business:
    """Another business on the same install, created second."""
    return await a_business(opened, membership(opened, passwords), "Moss Ltd")


def connected(app: Starlette, *, peer: str = "203.0.113.7", **headers: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app, raise_app_exceptions=False, client=(peer, 4711)),
        base_url=HERE,
        headers=headers,
    )


@pytest.fixture
async def script(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    """A program: no cookies, no headers that browsers add."""
    async with connected(app) as client:
        yield client


@dataclass(frozen=True)
class Browser:
    """Sends what a browser sends with a request of Aican's own page."""

    http: httpx.AsyncClient

    async def post(self, path: str, body: object = None) -> httpx.Response:
        if body is None:
            return await self.http.post(f"/api/v1{path}")
        return await self.http.post(f"/api/v1{path}", json=body)

    async def get(self, path: str) -> httpx.Response:
        return await self.http.get(path)

    async def sign_in(self, email: str = "anna@fern.example", password: str = PASSWORD) -> httpx.Response:
        return await self.post("/sign-in", {"email": email, "password": password})


@pytest.fixture
async def browser(app: Starlette) -> AsyncIterator[Browser]:
    async with connected(app, **AS_BROWSER) as client:
        yield Browser(client)


@pytest.fixture
async def colleagues_browser(app: Starlette) -> AsyncIterator[Browser]:
    async with connected(app, peer="198.51.100.9", **AS_BROWSER) as client:
        yield Browser(client)


@pytest.fixture
async def bearer(app: Starlette, business: Business) -> AsyncIterator[httpx.AsyncClient]:
    """A program with a token of the business."""
    async with connected(app, Authorization=f"Bearer {await business.token()}") as client:
        yield client


@pytest.fixture
def aican(settings: Settings, tmp_path: Path) -> Shell:
    return Shell(settings, tmp_path)
