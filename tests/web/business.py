"""A business on the real stores, with people, sites and conversations as a test needs them."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass
from uuid import UUID

from msgspec.structs import replace as changed

from chat.accounts.bearers import Bearers
from chat.accounts.embedding import Embedding
from chat.accounts.membership import Answer, Membership
from chat.clock import new_id
from chat.ids import AccountId, ClientId, ConversationId, Epoch, Seq, VisitorId, WorkspaceId
from chat.model import (
    Account,
    AccountRole,
    Actor,
    Admitted,
    Conversation,
    Draft,
    Kind,
    Numbered,
    Page,
    Sealed,
    Site,
    State,
    VisitorProfile,
    Workspace,
)
from gateway.bootstrap import Stores

PASSWORD = "umbrella quartz sings at noon"
TEN_O_CLOCK = 1_795_428_000_000
"""2026-11-23T10:00:00Z in Unix milliseconds."""


@dataclass(frozen=True)
class Business:
    """A workspace with one site."""

    stores: Stores
    membership: Membership
    workspace: Workspace
    site: Site

    @property
    def system(self) -> Actor:
        return Actor.system(self.workspace.id)

    async def another_site(self, name: str = "Second shop") -> Site:
        return await Embedding(self.stores.sites, self.stores.clock, "http://localhost:8000").add(
            self.system, name, ["https://second.example"]
        )

    async def agent(
        self, email: str = "anna@fern.example", name: str = "Anna Berg", role: AccountRole = AccountRole.AGENT
    ) -> Account:
        """Somebody who signs in with PASSWORD."""
        return await self.membership.create(self.system, role, Answer(name, email, PASSWORD))

    async def disable(self, account: Account) -> None:
        await self.stores.accounts.save(changed(account, disabled_at=TEN_O_CLOCK))

    async def invitation(self, email: str | None = None, role: AccountRole = AccountRole.AGENT) -> str:
        return await self.membership.invite(self.system, role, email)

    async def token(self, expires_days: int | None = None) -> str:
        return await Bearers(self.stores.api_tokens, self.stores.clock).create(
            self.system, "test", expires_days=expires_days
        )

    async def conversation(
        self, *texts: str, opened_at: int = TEN_O_CLOCK, site: Site | None = None, visitor_name: str = ""
    ) -> Conversation:
        """A conversation in which a visitor said these texts, a second apart."""
        visitor = VisitorId(new_id(self.stores.clock))
        conversation = await self._open(visitor, opened_at, site or self.site)
        if visitor_name:
            profile = VisitorProfile(visitor, self.workspace.id)
            await self.stores.visitors.save(
                await self.stores.details.introduce(profile, name=visitor_name, email="mei@visitor.example")
            )
        author = Actor.visitor(self.workspace.id, conversation.site, visitor)
        for seq, text in enumerate(texts, start=1):
            await self.say(conversation, seq, text, author=author)
        return conversation

    async def say(
        self, conversation: Conversation, seq: int, text: str, *, author: Actor, kind: Kind = Kind.TEXT
    ) -> Sealed:
        """One message, sealed and stored as the gateway does."""
        at = conversation.opened_at + seq * 1000
        draft = Draft(author, conversation.id, ClientId(new_id(self.stores.clock)), kind, text, at)
        sealed = await self.stores.sealer.seal(conversation, Numbered(Admitted(draft), Seq(seq)))
        await self.stores.messages.append(sealed)
        return sealed

    async def chatter(self, conversation: Conversation, count: int, *, above: int = 1) -> None:
        """``count`` messages of the visitor's, 300 characters each, numbered from ``above`` + 1 on."""
        author = Actor.visitor(self.workspace.id, conversation.site, conversation.visitor)
        for start in range(above + 1, above + count + 1, 1_000):
            numbers = range(start, min(start + 1_000, above + count + 1))
            await asyncio.gather(
                *[self.say(conversation, seq, f"{seq} ".ljust(300, "x"), author=author) for seq in numbers]
            )

    async def forged(self, conversation: Conversation, seq: int) -> None:
        """A message that somebody put into the database without the key."""
        await self.stores.messages.append(
            Sealed(
                self.workspace.id,
                conversation.id,
                Seq(seq),
                0,
                ClientId(new_id(self.stores.clock)),
                conversation.opened_at + seq * 1000,
                b"\x01\x01\x00\x00" + secrets.token_bytes(60),
            )
        )

    async def _open(self, visitor: VisitorId, opened_at: int, site: Site) -> Conversation:
        name = ConversationId(UUID(bytes=secrets.token_bytes(16), version=4))
        page = Page(url="https://fern.example/chairs", title="Chairs", language="en-GB", timezone="Europe/Berlin")
        details = await self.stores.details.seal(self.workspace.id, visitor, name, page, "")
        return await self.stores.conversations.create(
            Conversation(
                id=name,
                workspace=self.workspace.id,
                site=site.id,
                visitor=visitor,
                state=State.ACTIVE,
                revision=1,
                agent=None,
                opened_at=opened_at,
                claimed_at=None,
                ended_at=None,
                epoch=Epoch(0),
                details=details,
            )
        )


async def a_business(stores: Stores, membership: Membership, name: str) -> Business:
    workspace = Workspace(WorkspaceId(new_id(stores.clock)), name, stores.clock.now_ms())
    await stores.workspaces.add(workspace)
    embedding = Embedding(stores.sites, stores.clock, "http://localhost:8000")
    site = await embedding.add(Actor.system(workspace.id), f"{name} shop", ["https://fern.example"])
    return Business(stores, membership, workspace, site)


def as_agent(business: Business, account: Account) -> Actor:
    return Actor.agent(business.workspace.id, AccountId(account.id), account.role)
