"""A visitor's connection: one conversation, the open one or the next."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from uuid import UUID

from email_validator import EmailNotValidError, validate_email
from msgspec import structs

from chat.budgets.gcra import Budget
from chat.budgets.rates import ANNOUNCEMENTS
from chat.clock import new_id
from chat.conversations.details import shown
from chat.conversations.greetings import greeting
from chat.conversations.service import may_read
from chat.ids import ConversationId, Seq, VisitorId, next_conversation
from chat.inspection.crawlers import is_automated, is_crawler
from chat.inspection.verdict import Circumstances, inspect
from chat.model import Actor, Admitted, Conversation, Draft, Page, Refusal, Site, State, Stored, VisitorProfile
from chat.protocol.catalogue import (
    CRAWLER,
    ENDED,
    FOREIGN_ORIGIN,
    LIMITED,
    NO_SUCH_SITE,
    NOT_ALLOWED,
    NOT_AN_ADDRESS,
    UNKNOWN,
    Closure,
)
from chat.protocol.facts import Introduced, encode_fact, workspace_topic
from chat.protocol.frames import (
    ClientFrame,
    ConversationView,
    Done,
    Hello,
    Introduce,
    Post,
    SiteView,
    Welcome,
)
from chat.protocol.session import HEARTBEAT_MS
from gateway.socket.connection import Connection
from gateway.socket.feed import Feed
from gateway.socket.party import Party
from gateway.socket.shared import Shared

NAME_CHARACTERS = 80


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a visitor came with."""

    site: Site
    page: Page
    user_agent: str
    at: float
    """Monotonic seconds."""


async def welcome_visitor(shared: Shared, connection: Connection, hello: Hello) -> Closure | None:
    """Let a visitor in, or say why not. A crawler, a foreign page and an unknown site cost no record."""
    if is_crawler(connection.visit.user_agent):
        return CRAWLER
    site = await shared.parts.sites.get(hello.site)
    if site is None:
        return NO_SUCH_SITE
    origin = connection.visit.origin
    if origin is not None and origin not in shared.parts.own_origins and origin not in site.origins:
        return FOREIGN_ORIGIN
    actor, conversation, record = await _recognised(shared, site, hello)
    feed = await shared.feeds.join(conversation)
    arrival = Arrival(site, _shared(hello.page), connection.visit.user_agent, shared.parts.clock.monotonic())
    party = Visitor(shared, connection, actor, arrival, feed)
    await party.arrive(hello, record)
    return None


def _shared(page: Page) -> Page:
    """The page with texts that all of its visitors have in common, one copy of each for all who are there."""
    return Page(*(sys.intern(text) for text in structs.astuple(page)))


async def _recognised(shared: Shared, site: Site, hello: Hello) -> tuple[Actor, ConversationId, Conversation | None]:
    """Who comes, and which conversation is theirs. A stranger costs no read."""
    now = shared.parts.clock.now_ms()
    visitor = shared.parts.tokens.check(hello.token, site.id, now_ms=now) if hello.token else None
    if visitor is None:
        visitor = VisitorId(new_id(shared.parts.clock))
        actor = Actor.visitor(site.workspace, site.id, visitor)
        return actor, next_conversation(visitor, None), None
    actor = Actor.visitor(site.workspace, site.id, visitor)
    if (record := _still_open(shared, actor, hello)) is not None:
        return actor, record.id, record
    conversation, record = await shared.parts.service.current(actor)
    if record is None and (missed := await _missed_end(shared, actor, hello, conversation)):
        return actor, missed.id, missed
    return actor, conversation, record


def _still_open(shared: Shared, actor: Actor, hello: Hello) -> Conversation | None:
    """The conversation that this client was in, where it is followed here and has not ended: then it is the current
    one, for a visitor's next begins only after that. A crowd that lost its line comes back without a read for each."""
    feed = shared.feeds.known(ConversationId(hello.conversation)) if hello.conversation else None
    record = feed.record if feed else None
    return record if record and record.state is not State.ENDED and may_read(actor, record) else None


async def _missed_end(shared: Shared, actor: Actor, hello: Hello, following: ConversationId) -> Conversation | None:
    """The visitor's last conversation, if it has ended and this client names it and does not hold its end: it first
    sees how. Whoever was reloaded holds nothing of it."""
    if hello.conversation is None:
        return None
    last = ConversationId(hello.conversation)
    if next_conversation(VisitorId(_id_of(actor)), last) != following:
        return None
    record = await shared.parts.service.readable(actor, last)
    return record if hello.position < await shared.parts.messages.highest(last) else None


def _id_of(actor: Actor) -> UUID:
    assert actor.id is not None
    return actor.id


class Visitor(Party):
    """A visitor who was let in."""

    __slots__ = ("_announcements", "_arrival", "_feed", "_introduction")

    def __init__(self, shared: Shared, connection: Connection, actor: Actor, arrival: Arrival, feed: Feed) -> None:
        assert isinstance(actor.id, UUID)
        super().__init__(shared, connection, actor, actor.id)
        self._arrival = arrival
        self._feed = feed
        self._announcements: Budget | None = None  # full until it is first used
        self._introduction: tuple[str, str] | None = None
        """Name and address that wait for the first message."""

    async def arrive(self, hello: Hello, record: Conversation | None) -> None:
        """Answer the greeting, then show the conversation from where this client stands."""
        attendance = await self.shared.workplaces.attendance(self.actor.workspace)
        record = self._feed.record or record
        site, now = self._arrival.site, self.parts.clock.now_ms()
        welcome = Welcome(
            ref=hello.ref,
            visitor=self.who,
            token=self.parts.tokens.make(site.id, VisitorId(self.who), now_ms=now),
            conversation=self._feed.id,
            state=record.state if record else State.NEW,
            site=SiteView(site.name, greeting(site, hello.page.language), site.policy_url, site.policy_version),
            attended=attendance.attended,
            heartbeat_ms=HEARTBEAT_MS,
            now=now,
        )
        self.connection.send(welcome)
        self.connection.party = self
        attendance.visitors.add(self)
        if record is None:
            self.show_from(self._feed, Seq(0))
            return
        position = hello.position if hello.conversation == self._feed.id else 0
        await self.follow(0, self._feed, position, record=record)

    async def view(self, record: Conversation, top: Seq) -> ConversationView:
        """The conversation without what only agents see."""
        return await self.parts.views.for_visitor(record, top)

    def left(self) -> None:
        """The connection is gone."""
        super().left()
        self.shared.workplaces.visitor_left(self.actor.workspace, self)

    async def handle_own(self, frame: ClientFrame) -> None:
        """An introduction; all other frames are an agent's and refused. Raises Unavailable."""
        match frame:
            case Introduce():
                await self._introduce(frame)
            case _:
                self.refuse(frame.ref, NOT_ALLOWED)

    # --- writing --------------------------------------------------------------------------------------------------

    async def post(self, frame: Post) -> None:
        """Inspect a text and deliver it, or say why not; the first begins the conversation. Raises Unavailable."""
        if self.over_budget(frame):
            return None
        draft = self.draft(frame)
        if frame.conversation != self._feed.id and not await self._goes_on_in(frame.conversation):
            return await self._post_too_late(frame, draft)
        digest = self.parts.repeats.digest(self.actor.workspace, frame.text)
        admitted = inspect(draft, frame.conduct, self._circumstances(draft, digest))
        if isinstance(admitted, Refusal):
            return self.refuse(frame.ref, admitted)
        record = self._feed.record or await self._begin(draft.at)
        if await self.send_draft(frame, self._feed, record, admitted) and digest is not None:
            self.shared.hearsay.said(self.actor.workspace, digest, self._feed.id)
        return None

    async def _post_too_late(self, frame: Post, draft: Draft) -> None:
        """A post to one of this visitor's conversations before this one: its sender has not heard of the end. What was
        stored in time is accepted; the rest is told where to go on. Raises NotFound for what is not theirs."""
        record = await self.parts.service.readable(self.actor, draft.conversation)
        if record.state is not State.ENDED:
            return self.refuse(frame.ref, UNKNOWN)
        outcome = await self.parts.delivery.deliver(record, Admitted(draft), floor=None)
        if isinstance(outcome, Stored):
            return self.accept(frame, outcome)
        following = str(next_conversation(VisitorId(self.who), record.id))
        return self.refuse(frame.ref, outcome, detail=following if outcome is ENDED else "")

    async def _goes_on_in(self, conversation: UUID) -> bool:
        """After the end the next conversation may begin on the same connection."""
        following = next_conversation(VisitorId(self.who), self._feed.id)
        if conversation != following or not await self._has_ended():
            return False
        feed = await self.shared.feeds.join(following)
        if feed.record is None:
            self.show_from(feed, Seq(0))
        else:
            await self.follow(0, feed, 0, record=feed.record)
        self._feed = feed
        return True

    async def _has_ended(self) -> bool:
        """Whether the present conversation has; the record knows before the fact comes. Raises NotFound: it has not
        even begun."""
        if self._feed.has_ended:
            return True
        return (await self.parts.service.readable(self.actor, self._feed.id)).state is State.ENDED

    def _circumstances(self, draft: Draft, digest: bytes | None) -> Circumstances:
        now = self.parts.clock.monotonic()
        repeats = self.parts.repeats.others(self.actor.workspace, digest, draft.conversation, now) if digest else 0
        return Circumstances(
            is_first=self._feed.record is None,
            open_ms=int((now - self._arrival.at) * 1000),
            repeats=repeats,
            is_automated=is_automated(self._arrival.user_agent),
        )

    async def _begin(self, at: int) -> Conversation:
        """The conversation exists from its first message on, which was received ``at``."""
        details = await self.parts.details.seal(
            self.actor.workspace,
            VisitorId(self.who),
            self._feed.id,
            self._arrival.page,
            self._arrival.user_agent,
        )
        await self._keep_introduction()
        record = await self.parts.service.begin(self.actor, self._feed.id, details, at=at)
        assert may_read(self.actor, record)
        self._feed.record = record
        await self.parts.service.announce(record)
        return record

    def refuse(self, ref: int, refusal: Refusal, *, detail: str = "") -> None:
        """Say why not; after the end with the id of the conversation that follows."""
        if refusal is ENDED and not detail:
            detail = str(next_conversation(VisitorId(self.who), self._feed.id))
        super().refuse(ref, refusal, detail=detail)

    # --- who they are ---------------------------------------------------------------------------------------------

    async def _introduce(self, frame: Introduce) -> None:
        self._announcements = budget = self._announcements or Budget(ANNOUNCEMENTS)
        if wait := budget.take(self.parts.clock.monotonic()):
            return self.connection.refuse(frame.ref, LIMITED, retry_after_ms=int(wait * 1000) + 1)
        try:
            email = validate_email(frame.email, check_deliverability=False).normalized if frame.email else ""
        except EmailNotValidError:
            return self.refuse(frame.ref, NOT_AN_ADDRESS)
        self._introduction = (shown(frame.name, NAME_CHARACTERS), email)
        if self._feed.record is not None:
            await self._keep_introduction()
        self.connection.send(Done(frame.ref))
        return None

    async def _keep_introduction(self) -> None:
        """Nothing of a visitor is kept before their first message; what they said of themselves comes with it."""
        if self._introduction is None:
            return
        name, email = self._introduction
        visitor = VisitorId(self.who)
        profile = await self.parts.visitors.get(visitor) or VisitorProfile(visitor, self.actor.workspace)
        profile = await self.parts.details.introduce(profile, name=name, email=email)
        await self.parts.visitors.save(profile)
        self._introduction = None
        fact = encode_fact(Introduced(self.actor.workspace, self._feed.id))
        await self.parts.bus.publish(workspace_topic(self.actor.workspace), fact)
