"""The first frame: who is let in, and who is told why not."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace
from websockets.frames import Opcode

from chat.clock import new_id
from chat.conversations.greetings import ENGLISH
from chat.ids import SiteId
from chat.model import Account, Site
from chat.protocol.catalogue import BAD_FRAME, CRAWLER, FOREIGN_ORIGIN, LATE, NO_SUCH_SITE, SIGNED_OUT
from chat.protocol.codec import MSGPACK
from chat.protocol.frames import Accepted, Conduct, Hello, HelloAgent, Post, Watch, Welcome, WelcomeAgent
from chat.protocol.session import GREETING_S
from tests.clock import ManualClock
from tests.gateway.edge import OURS, SHOP, connections, turned_away
from tests.gateway.house import House, RunningGateway
from tests.gateway.raw import a_hello, a_peer, an_agents_hello, some_ticket
from tests.gateway.waiting import until

pytestmark = pytest.mark.stores


# --- visitors -------------------------------------------------------------------------------------------------------


@pytest.fixture
async def embedded(house: House) -> Site:
    """A site whose list names one shop."""
    site = Site(SiteId("embedded-site"), house.workspace.id, "Shop", (SHOP,), "Hi", "", "", house.stores.clock.now_ms())
    await house.stores.sites.add(site)
    return site


@pytest.mark.parametrize("origin", [SHOP, OURS, "http://127.0.0.1:8000", None])
async def test_our_own_pages_and_those_on_the_sites_list_are_let_in(
    house: House, gateway: RunningGateway, embedded: Site, origin: str | None
) -> None:
    async with a_peer(gateway, origin=origin) as peer:
        peer.send(a_hello(house, site=embedded.id))
        assert (await peer.hears(Welcome)).site.name == "Shop"


async def test_a_visitor_is_greeted_in_their_language(house: House, gateway: RunningGateway, embedded: Site) -> None:
    await house.stores.sites.save(replace(embedded, greeting="", greeting_zh="欢迎！"))
    for language, told in (("zh-CN", "欢迎！"), ("fr", ENGLISH)):
        async with a_peer(gateway, origin=SHOP) as peer:
            hello = a_hello(house, site=embedded.id)
            peer.send(replace(hello, page=replace(hello.page, language=language)))
            assert (await peer.hears(Welcome)).site.greeting == told


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "http://shop.example", SHOP + ":444", "https://shop.example.evil.example", "null"],
)
async def test_other_origins_are_foreign(house: House, gateway: RunningGateway, embedded: Site, origin: str) -> None:
    async with a_peer(gateway, origin=origin) as peer:
        peer.send(a_hello(house, site=embedded.id))
        await turned_away(peer, FOREIGN_ORIGIN)


async def test_an_unknown_site_has_nobody(house: House, gateway: RunningGateway) -> None:
    async with a_peer(gateway) as peer:
        peer.send(a_hello(house, site="no-such-site"))
        await turned_away(peer, NO_SUCH_SITE)


@pytest.mark.parametrize("user_agent", ["Mozilla/5.0 (compatible; Googlebot/2.1)", "Googlebot", "bingbot", "GPTBot"])
async def test_a_crawler_is_sent_away_before_anything_is_read_for_it(
    house: House, gateway: RunningGateway, user_agent: str
) -> None:
    async with a_peer(gateway, user_agent=user_agent) as peer:
        peer.send(a_hello(house))
        await turned_away(peer, CRAWLER)


async def test_a_browser_whose_name_is_no_ascii_talks_like_any_other(house: House, gateway: RunningGateway) -> None:
    async with a_peer(gateway, user_agent="Mozilla/5.0 Бр\u00e9".encode().decode("latin-1")) as peer:
        peer.send(a_hello(house))
        here = (await peer.hears(Welcome)).conversation
        peer.send(Post(7, here, new_id(house.stores.clock), "Bonjour", Conduct(5_000, "")))
        assert (await peer.hears(Accepted)).seq == 1


async def test_a_forged_token_makes_a_stranger(house: House, gateway: RunningGateway) -> None:
    async with a_peer(gateway) as first, a_peer(gateway) as second:
        first.send(a_hello(house))
        welcome = await first.hears(Welcome)
        second.send(a_hello(house, token=welcome.token[:-2] + "AA"))
        assert (await second.hears(Welcome)).visitor != welcome.visitor


# --- agents ---------------------------------------------------------------------------------------------------------


async def test_a_ticket_is_good_once(house: House, gateway: RunningGateway, ada: Account) -> None:
    ticket = await house.ticket(ada)
    async with a_peer(gateway, origin=OURS) as first, a_peer(gateway, origin=OURS) as second:
        first.send(an_agents_hello(ticket))
        assert (await first.hears(WelcomeAgent)).me.name == "Ada"
        second.send(an_agents_hello(ticket))
        assert await second.closed_with() == SIGNED_OUT.code


async def test_an_unknown_or_expired_ticket_lets_nobody_in(house: House, gateway: RunningGateway, ada: Account) -> None:
    ticket = await house.ticket(ada)
    await house.stores.tickets._turn.ask("FLUSHDB")  # as its 30 seconds do
    for one in (ticket, some_ticket(), ""):
        async with a_peer(gateway) as peer:
            peer.send(an_agents_hello(one))
            assert await peer.closed_with() == SIGNED_OUT.code


async def test_a_ticket_of_an_ended_sign_in_lets_nobody_in(house: House, gateway: RunningGateway, ada: Account) -> None:
    ticket = await house.ticket(ada)
    await house.stores.sign_ins.end_all(ada.id)
    async with a_peer(gateway) as peer:
        peer.send(an_agents_hello(ticket))
        assert await peer.closed_with() == SIGNED_OUT.code


async def test_agents_come_from_our_own_pages_only(house: House, gateway: RunningGateway, ada: Account) -> None:
    async with a_peer(gateway, origin=SHOP) as peer:
        peer.send(an_agents_hello(await house.ticket(ada)))
        assert await peer.closed_with() == FOREIGN_ORIGIN.code


# --- the frame itself -----------------------------------------------------------------------------------------------


async def test_a_first_frame_other_than_a_greeting_is_refused(house: House, gateway: RunningGateway) -> None:
    async with a_peer(gateway) as peer:
        peer.send(Watch(1, new_id(house.stores.clock), 0))
        await turned_away(peer, BAD_FRAME)


async def test_a_first_frame_that_does_not_come_in_time_is_late(timed: RunningGateway, clock: ManualClock) -> None:
    async with a_peer(timed) as peer:
        clock.advance(GREETING_S - 0.1)
        peer.send_bytes(b"", Opcode.PING)
        await until(lambda: peer.pongs)
        assert not peer.is_cut
        clock.advance(0.2)
        await turned_away(peer, LATE)


async def test_a_greeting_of_more_than_8_kib_is_refused(house: House, gateway: RunningGateway) -> None:
    async with a_peer(gateway) as peer:
        peer.send_bytes(MSGPACK.encode(a_hello(house)) + bytes(8 * 1024))
        await turned_away(peer, BAD_FRAME)


# --- leaving meanwhile ----------------------------------------------------------------------------------------------


async def test_a_peer_that_goes_while_it_is_welcomed_leaves_nothing_behind(
    house: House, gateway: RunningGateway, ada: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready, go_on = asyncio.Event(), asyncio.Event()
    opened = gateway.gateway.workplaces.attendance

    async def slow(*arguments: object) -> object:
        ready.set()
        await go_on.wait()
        return await opened(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(gateway.gateway.workplaces, "attendance", slow)
    greetings: list[Hello | HelloAgent] = [a_hello(house), an_agents_hello(await house.ticket(ada))]
    for greeting in greetings:
        ready.clear()
        go_on.clear()
        async with a_peer(gateway) as peer:
            peer.send(greeting)
            await ready.wait()
        await until(lambda: connections(gateway) == 0)
        go_on.set()
        attendance = await opened(house.workspace.id)
        await until(lambda: not _busy(gateway))
        assert not attendance.is_followed
        assert not (await gateway.gateway.workplaces.lobby(house.workspace.id)).agents
        assert not any(entry.feed.followers for entry in gateway.gateway.feeds._entries.values())


def _busy(gateway: RunningGateway) -> bool:
    assert gateway.gateway._tasks is not None
    return any("_work" in repr(task.get_coro()) or "_logged" in repr(task) for task in gateway.gateway._tasks._tasks)
