"""The console of an agent with many conversations of their own: loaded anew, cut off, and back again."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import httpx
import pytest
from playwright.sync_api import Browser, Page, WebSocket, WebSocketRoute, expect

from chat.protocol.codec import MSGPACK
from chat.protocol.frames import Claim, ClientFrame, End, Goodbye, Refused, ServerFrame, Snapshot, Watch
from gateway.client import Client
from tests.product.pages import WIDE, Complaints, answer, console, profile
from tests.product.running import Product, halted, run_to_its_end

pytestmark = [pytest.mark.browser, pytest.mark.processes]

OWN = 40
NOAH = {"name": "Noah Field", "email": "noah@business.example", "password": "seven lanterns over the old canal"}


@pytest.fixture(scope="module")
def noah(product: Product) -> httpx.Cookies:
    """A colleague of the owner's, signed in: what he has in hand is in nobody else's way."""
    link = product.last_line("account", "create", "--email", NOAH["email"], "--role", "agent")
    token = link.partition("#")[2]
    assert product.post("/api/v1/invitation/accept", {"token": token, **NOAH}).status_code == 200
    return product.sign_in(NOAH["email"], NOAH["password"])


async def _taken(product: Product, cookies: httpx.Cookies, count: int) -> list[tuple[UUID, Client]]:
    """Conversations that this agent claimed, with their visitors, who are gone again."""

    async def begun() -> tuple[UUID, Client]:
        visitor = product.visitor()
        async with visitor:
            await visitor.post(visitor.conversation, f"Is order {uuid4().hex[:8]} on its way?")
            return visitor.conversation, visitor

    begun_ones = await asyncio.gather(*[begun() for _ in range(count)])
    async with product.agent(cookies) as agent:
        for conversation, _ in begun_ones:
            await agent.ask(Claim(0, conversation))
            await agent.post(conversation, f"I look into {conversation.hex[-6:]} for you.")
    return begun_ones


@pytest.fixture(scope="module")
def own(product: Product, noah: httpx.Cookies) -> list[UUID]:
    """Forty conversations of Noah's, the last claimed at the end."""
    return [conversation for conversation, _ in run_to_its_end(_taken(product, noah, OWN))]


@dataclass
class Wire:
    """What goes over the console's connection."""

    sent: list[ClientFrame] = field(default_factory=list)
    heard: list[ServerFrame] = field(default_factory=list)
    most: int = 0
    """Questions at most that were without an answer at one moment."""
    dials: int = 0
    began: float = 0.0
    ended: float = 0.0

    def listen(self, page: Page) -> None:
        """To the next connection of this page, and whether it is the only one."""
        page.once("websocket", self._dialled)
        page.on("websocket", self.counted)

    def counted(self, _: WebSocket) -> None:
        self.dials += 1

    def _dialled(self, socket: WebSocket) -> None:
        self.began = time.monotonic()
        socket.on("framesent", self._sent)
        socket.on("framereceived", self._heard)

    def _sent(self, data: bytes | str) -> None:
        assert isinstance(data, bytes)
        self.sent.append(MSGPACK.decode_client(data))
        answers = {frame.ref for frame in self.heard if isinstance(frame, Snapshot | Refused)}
        self.most = max(self.most, sum(watch.ref not in answers for watch in self.watches))

    def _heard(self, data: bytes | str) -> None:
        assert isinstance(data, bytes)
        self.heard.append(MSGPACK.decode_server(data))
        self.ended = time.monotonic() if isinstance(self.heard[-1], Snapshot) else self.ended

    @property
    def watches(self) -> list[Watch]:
        return [frame for frame in self.sent if isinstance(frame, Watch)]

    @property
    def shown(self) -> set[UUID]:
        return {frame.conversation.conversation for frame in self.heard if isinstance(frame, Snapshot)}


@pytest.fixture
def page(
    browser: Browser, complaints: Complaints, product: Product, noah: httpx.Cookies, own: list[UUID]
) -> Iterator[Page]:
    """Noah's console, at the conversation that he claimed first: it stands last in his list."""
    with profile(browser, complaints, viewport=WIDE) as context:
        page = console(context, product, noah, f"/c/{own[0]}", name=NOAH["name"])
        expect(page.get_by_role("main").get_by_text(own[0].hex[-6:])).to_be_visible()
        yield page


def reloaded(page: Page, own: list[UUID]) -> Wire:
    """What a reload sends and hears until all of these conversations are there."""
    wire = Wire()
    wire.listen(page)
    page.reload()
    expect(page.get_by_role("main").get_by_text(f"I look into {own[0].hex[-6:]} for you.")).to_be_visible()
    expect(page.locator("section[data-list=yours] [data-row]")).to_have_count(OWN)
    for _ in range(400):
        if wire.shown >= set(own):
            break
        page.wait_for_timeout(25)
    page.remove_listener("websocket", wire.counted)
    return wire


def test_a_reload_with_forty_conversations_of_ones_own_shows_the_open_one_first_and_then_all(
    page: Page, own: list[UUID]
) -> None:
    took = []
    for _ in range(3):
        wire = reloaded(page, own)
        assert wire.shown == set(own)
        assert wire.watches[0].conversation == own[0]
        assert (len(wire.watches), wire.dials) == (OWN, 1)
        assert wire.most <= 4
        assert [frame for frame in wire.heard if isinstance(frame, Refused | Goodbye)] == []
        took.append(wire.ended - wire.began)
    assert min(took) < 2, "from dialling to the last one; of three, since the machine has other things to do"


def test_what_does_not_exist_is_said_so_and_there_is_a_way_back(page: Page, product: Product) -> None:
    page.goto(f"{product.web}/console/c/{uuid4()}")
    main = page.get_by_role("main")
    expect(main.get_by_text("There is no such conversation here")).to_be_visible()
    main.get_by_role("button", name="Back to the list").last.click()
    expect(page).to_have_url(f"{product.web}/console")


class Cut:
    """Between a page and the gateway: lets everything through, or nothing."""

    def __init__(self, page: Page) -> None:
        self.is_cut = False
        self._open: list[WebSocketRoute] = []
        page.route_web_socket(re.compile("^ws://"), self._dialled)

    def _dialled(self, route: WebSocketRoute) -> None:
        if not self.is_cut:
            route.connect_to_server()
            self._open.append(route)

    def cut(self) -> None:
        """Every connection is closed, and a new one comes to nothing."""
        self.is_cut = True
        for route in self._open:
            route.close(code=1012)
        self._open.clear()

    def mend(self) -> None:
        """New connections work again."""
        self.is_cut = False


def test_a_lost_connection_is_told_of_and_a_conversation_that_waits_for_it_says_so(
    page: Page, own: list[UUID], product: Product
) -> None:
    line = Cut(page)
    page.reload()
    expect(page.get_by_role("main").get_by_text(own[0].hex[-6:])).to_be_visible()
    notice = page.get_by_text("Reconnecting… Nothing is lost.")
    line.cut()
    expect(notice).to_be_visible(timeout=5_000)

    line.mend()
    page.reload()
    line.cut()
    page.goto(f"{product.web}/console/c/{own[3]}")
    expect(page.get_by_role("main").get_by_text("No connection")).to_be_visible()
    line.mend()
    page.get_by_role("main").get_by_role("button", name="Try again").click()
    expect(page.get_by_role("main").get_by_text(own[3].hex[-6:])).to_be_visible(timeout=20_000)


def test_a_browser_that_says_it_is_offline_is_believed_as_soon_as_the_gateway_does_not_answer(
    page: Page, product: Product, complaints: Complaints
) -> None:
    complaints.expect("ERR_INTERNET_DISCONNECTED")
    with halted(product.pid("gateway")):  # by its silence alone it would be noticed after 20 s
        page.context.set_offline(True)
        expect(page.get_by_text("You are offline. What you send waits here.")).to_be_visible(timeout=10_000)
        page.context.set_offline(False)
    expect(page.locator(".line")).to_have_count(0, timeout=30_000)


def test_what_was_written_into_a_conversation_that_ended_meanwhile_stands_together_under_one_notice(
    browser: Browser, complaints: Complaints, product: Product, noah: httpx.Cookies
) -> None:
    ((here, visitor),) = run_to_its_end(_taken(product, noah, 1))

    async def end() -> None:
        async with product.visitor(token=visitor.token) as again:
            await again.ask(End(0, here))

    with profile(browser, complaints, viewport=WIDE) as context:
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        page = console(context, product, noah, name=NOAH["name"])
        line = Cut(page)
        page.goto(f"{product.web}/console/c/{here}")
        expect(page.locator("main textarea")).to_be_visible()
        line.cut()
        for text in ("It left yesterday.", "It is in Leeds.", "It comes tomorrow."):
            answer(page, text)
        run_to_its_end(end())
        line.mend()
        unsent = page.locator(".unsent")
        expect(unsent).to_contain_text("3 messages were not sent, because the conversation has ended", timeout=30_000)
        expect(unsent).to_have_count(1)
        expect(page.get_by_text("Claim this conversation")).to_have_count(0)
        unsent.get_by_role("button", name="Copy all").click()
        copied = page.evaluate("() => navigator.clipboard.readText()")
        assert copied == "It left yesterday.\n\nIt is in Leeds.\n\nIt comes tomorrow."
        unsent.get_by_role("button", name="Discard").click()
        expect(unsent).to_have_count(0)
