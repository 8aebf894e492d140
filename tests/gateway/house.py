"""A whole Aican in one test: real stores, any number of gateways on real ports, visitors and agents as clients."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from chat.clock import new_id
from chat.ids import AccountId, SubjectId
from chat.model import Account, AccountRole, SignIn, Site, Workspace
from chat.protocol.frames import Page
from config.settings import Settings
from gateway.bootstrap import Stores, first_run, gateway_parts, open_stores
from gateway.client import Client, agent, visitor
from gateway.socket.server import Gateway

PAGE = Page("https://shop.example/cart", "Cart", "https://search.example/", "en-GB", "Europe/London", "1440x900")
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"


@dataclass
class RunningGateway:
    """A gateway and how to stop it."""

    url: str
    gateway: Gateway
    stop: asyncio.Event
    task: asyncio.Task[None]

    async def drain(self) -> None:
        """As SIGTERM does."""
        self.stop.set()
        await self.task


@dataclass
class House:
    """What tests start from."""

    settings: Settings
    stores: Stores
    workspace: Workspace
    site: Site
    gateways: list[RunningGateway] = field(default_factory=list)

    async def gateway(self) -> RunningGateway:
        """One more gateway, with adapters of its own, as a process of its own would have."""
        port = free_port()
        started: asyncio.Future[Gateway] = asyncio.get_running_loop().create_future()
        stop = asyncio.Event()
        task = asyncio.create_task(self._serve(port, started, stop))
        await asyncio.wait({started, task}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            task.result()
        gateway = await started
        await until(lambda: not gateway.away())
        running = RunningGateway(f"ws://127.0.0.1:{port}", gateway, stop, task)
        self.gateways.append(running)
        return running

    async def _serve(self, port: int, started: asyncio.Future[Gateway], stop: asyncio.Event) -> None:
        async with open_stores(self.settings) as stores:
            gateway = Gateway(gateway_parts(stores, self.settings))
            started.set_result(gateway)
            await gateway.serve("127.0.0.1", port, stop=stop)

    async def account(self, name: str) -> Account:
        """Somebody who works here."""
        account = AccountId(new_id(self.stores.clock))
        subject, fields, workspace = SubjectId(account), self.stores.fields, self.workspace.id
        email = f"{name.lower()}@business.example"
        record = Account(
            id=account,
            workspace=workspace,
            role=AccountRole.AGENT,
            name=await fields.seal(workspace, subject, "name", name),
            email=await fields.seal(workspace, subject, "email", email),
            email_index=fields.email_index(email),
            password_hash="",
            created_at=self.stores.clock.now_ms(),
        )
        assert await self.stores.accounts.add(record)
        return record

    async def ticket(self, account: Account) -> str:
        """A one-time ticket of a fresh sign-in."""
        now = self.stores.clock.now_ms()
        secret, ticket = secrets.token_bytes(32), secrets.token_urlsafe(24)
        hashed = hashlib.sha256(secret).digest()
        sign_in = SignIn(hashed[:16].hex(), account.id, account.workspace, account.role, now, now)
        await self.stores.sign_ins.add(hashed, sign_in)
        await self.stores.tickets.add(hashlib.sha256(ticket.encode()).digest(), sign_in)
        return ticket

    async def agent(self, gateway: RunningGateway, name: str = "Ada") -> Client:
        """An agent with an account of their own, not connected yet."""
        account = await self.account(name)
        return agent(gateway.url, lambda: self.ticket(account))

    def visitor(self, gateway: RunningGateway, **options: object) -> Client:
        """A visitor in Firefox, not connected yet."""
        return visitor(gateway.url, self.site.id, **{"page": PAGE, "user_agent": FIREFOX, **options})


@asynccontextmanager
async def a_house(settings: Settings) -> AsyncIterator[House]:
    """A house with its first workspace and site; every gateway is drained in the end."""
    await first_run(settings)
    async with open_stores(settings) as stores:
        workspace = await stores.workspaces.first()
        assert workspace is not None
        (site,) = await stores.sites.of(workspace.id)
        house = House(settings, stores, workspace, site)
        try:
            yield house
        finally:
            for running in house.gateways:
                if not running.task.done():
                    await running.drain()


def free_port() -> int:
    """A port that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def until(condition: object, *, seconds: float = 10.0) -> None:
    """Look again until ``condition()`` is true. Fails after ``seconds``."""
    async with asyncio.timeout(seconds):
        while not condition():  # type: ignore[operator]
            await asyncio.sleep(0.005)
