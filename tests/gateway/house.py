"""A whole Aican in one test: real stores, any number of gateways on real ports, visitors and agents as clients."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from chat.clock import new_id
from chat.ids import AccountId, ClientId, ConversationId, Seq, SiteId, SubjectId, WorkspaceId
from chat.model import (
    Account,
    AccountRole,
    Actor,
    Admitted,
    Conversation,
    Draft,
    Kind,
    MessageView,
    Numbered,
    Sealed,
    SignIn,
    Site,
    Workspace,
)
from chat.protocol.frames import Page
from config.settings import Settings
from gateway.bootstrap import Stores, first_run, gateway_parts, open_stores
from gateway.client import Client, agent, visitor
from gateway.socket.parts import Parts
from gateway.socket.server import Gateway
from tests.gateway.waiting import until
from tests.ports import free_port

PAGE = Page("https://shop.example/cart", "Cart", "https://search.example/", "en-GB", "Europe/London", "1440x900")
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"


Change = Callable[[Parts], Parts]


@dataclass
class RunningGateway:
    """A gateway and how to stop it."""

    url: str
    port: int
    gateway: Gateway
    stores: Stores
    """Its own."""
    stop: asyncio.Event
    task: asyncio.Task[None]

    async def drain(self) -> None:
        """As SIGTERM does."""
        self.stop.set()
        await self.task

    async def crash(self) -> None:
        """As near to ``kill -9`` as one process allows: nobody is told anything, and nothing is finished."""
        gateway = self.gateway
        assert gateway._server is not None
        gateway._server.close()
        for connection in list(gateway._connections):
            connection.abort()
        self.task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self.task


@dataclass
class House:
    """What tests start from."""

    settings: Settings
    stores: Stores
    workspace: Workspace
    site: Site
    gateways: list[RunningGateway] = field(default_factory=list)

    async def gateway(self, port: int = 0, *, change: Change = lambda parts: parts) -> RunningGateway:
        """One more gateway, with adapters of its own, as a process of its own would have. ``change`` swaps parts."""
        port = port or free_port()
        started: asyncio.Queue[tuple[Gateway, Stores]] = asyncio.Queue()
        stop = asyncio.Event()
        task = asyncio.create_task(self._serve(port, started, stop, change))
        await until(lambda: task.done() or not started.empty())
        if task.done():
            task.result()
        gateway, stores = started.get_nowait()
        await until(lambda: "starting" not in gateway.away())
        running = RunningGateway(f"ws://127.0.0.1:{port}", port, gateway, stores, stop, task)
        self.gateways.append(running)
        return running

    async def _serve(
        self, port: int, started: asyncio.Queue[tuple[Gateway, Stores]], stop: asyncio.Event, change: Change
    ) -> None:
        async with open_stores(self.settings) as stores:
            gateway = Gateway(change(gateway_parts(stores, self.settings)))
            started.put_nowait((gateway, stores))
            await gateway.serve("127.0.0.1", port, stop=stop)

    async def account(self, name: str, *, workspace: Workspace | None = None) -> Account:
        """Somebody who works here, or elsewhere."""
        account = AccountId(new_id(self.stores.clock))
        subject, fields, workspace_id = SubjectId(account), self.stores.fields, (workspace or self.workspace).id
        email = f"{name.lower()}@business.example"
        record = Account(
            id=account,
            workspace=workspace_id,
            role=AccountRole.AGENT,
            name=await fields.seal(workspace_id, subject, "name", name),
            email=await fields.seal(workspace_id, subject, "email", email),
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

    async def agent(self, gateway: RunningGateway, name: str = "Ada", **options: Any) -> Client:
        """An agent with an account of their own, not connected yet."""
        return self.agent_of(gateway, await self.account(name), **options)

    def agent_of(self, gateway: RunningGateway, account: Account, **options: Any) -> Client:
        """A connection of this account's, not connected yet."""
        return agent(gateway.url, lambda: self.ticket(account), **options)

    def visitor(self, gateway: RunningGateway, **options: Any) -> Client:
        """A visitor in Firefox, not connected yet."""
        return visitor(gateway.url, **{"site": self.site.id, "page": PAGE, "user_agent": FIREFOX, **options})

    async def elsewhere(self) -> tuple[Workspace, Site]:
        """Another business on this install."""
        now = self.stores.clock.now_ms()
        workspace = Workspace(WorkspaceId(new_id(self.stores.clock)), "Elsewhere", now)
        await self.stores.workspaces.add(workspace)
        site = Site(SiteId(secrets.token_hex(8)), workspace.id, "Elsewhere", (), "Hello", "", "", now)
        await self.stores.sites.add(site)
        return workspace, site

    async def conversation(self, conversation: UUID) -> Conversation:
        """The conversation as it is stored."""
        found = await self.stores.conversations.get(ConversationId(conversation))
        assert found is not None
        return found

    async def sealed(
        self, conversation: Conversation, seq: int, text: str, *, client_id: UUID | None = None, at: int | None = None
    ) -> Sealed:
        """A text of the visitor's, as somebody else's gateway would have sealed it; not stored."""
        author = Actor.visitor(conversation.workspace, conversation.site, conversation.visitor)
        at = self.stores.clock.now_ms() if at is None else at
        draft = Draft(author, conversation.id, ClientId(client_id or uuid4()), Kind.TEXT, text, at)
        return await self.stores.sealer.seal(conversation, Numbered(Admitted(draft), Seq(seq)))

    async def record(self, conversation: UUID) -> list[MessageView]:
        """What the record holds of a conversation, opened."""
        found = await self.conversation(conversation)
        return [await self.stores.sealer.open(found, sealed) async for sealed in self.stores.messages.all(found.id)]


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
