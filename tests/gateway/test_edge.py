"""Who is let in, and who is hung up on: each peer is told why, and nobody else notices."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import UUID

import pytest
from websockets.frames import Frame, Opcode

from chat.budgets.rates import FLOOD_REFUSALS
from chat.clock import new_id
from chat.ids import SiteId
from chat.model import Account, Site
from chat.protocol.catalogue import (
    AWAY,
    BAD_FRAME,
    CRAWLER,
    FLOODING,
    FOREIGN_ORIGIN,
    LATE,
    LIMITED,
    NO_SUCH_SITE,
    SIGNED_OUT,
    SILENT,
    Closure,
)
from chat.protocol.codec import MSGPACK
from chat.protocol.facts import EVERYBODY, SignedOut, encode_fact
from chat.protocol.frames import (
    Accepted,
    Beat,
    Claim,
    Conduct,
    Hello,
    HelloAgent,
    Introduce,
    Post,
    Refused,
    Tops,
    Typing,
    Watch,
    Welcome,
    WelcomeAgent,
)
from chat.protocol.session import GREETING_S, HEARTBEAT_MS, SILENCE_S
from gateway.client import Closed, agent, visitor
from gateway.socket import server
from gateway.socket.connection import CLOSE_S, HANDSHAKE_S, PORTION
from gateway.socket.intake import FRAGMENTS
from gateway.socket.wheel import TICK_S
from tests.clock import ManualClock
from tests.gateway.ear import Ear
from tests.gateway.house import House, RunningGateway
from tests.gateway.raw import RawPeer, a_hello, a_peer, an_agents_hello, some_ticket
from tests.gateway.waiting import until

pytestmark = pytest.mark.stores

SHOP = "https://shop.example"
OURS = "http://localhost:8000"


@pytest.fixture
async def gateway(house: House) -> RunningGateway:
    return await house.gateway()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def timed(house: House, clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> RunningGateway:
    """A gateway whose time stands still, looked at often."""
    monkeypatch.setattr(server, "CHECK_S", 0.01)
    return await house.gateway(change=lambda parts: replace(parts, clock=clock))


@pytest.fixture
async def welcomed(house: House, gateway: RunningGateway) -> AsyncIterator[RawPeer]:
    async with a_peer(gateway) as peer:
        peer.send(a_hello(house))
        await peer.hears(Welcome)
        yield peer


def connections(gateway: RunningGateway) -> int:
    return len(gateway.gateway._connections)


async def turned_away(peer: RawPeer, closure: Closure) -> None:
    assert await peer.closed_with() == closure.code
    assert peer.goodbyes in ([closure.code], [])
    assert not peer.all(Welcome)


# --- the handshake --------------------------------------------------------------------------------------------------


async def test_a_request_without_our_subprotocol_is_answered_with_400(gateway: RunningGateway) -> None:
    for offered in (None, "chat"):
        async with a_peer(gateway, subprotocol=offered) as peer:
            assert peer.status == 400
            await until(lambda peer=peer: peer.is_cut)  # type: ignore[misc]


async def test_other_paths_are_no_websockets(gateway: RunningGateway) -> None:
    elsewhere = replace(gateway, url=gateway.url + "/chat")
    async with a_peer(elsewhere) as peer:
        assert peer.status == 404


async def test_a_peer_that_never_finishes_its_handshake_is_cut(timed: RunningGateway, clock: ManualClock) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", timed.port)
    writer.write(b"GET / HTTP/1.1\r\nHost: here\r\n")
    await until(lambda: connections(timed) == 1)
    clock.advance(HANDSHAKE_S + 0.1)
    await until(lambda: connections(timed) == 0)
    with contextlib.suppress(ConnectionError):
        assert await reader.read() == b""
    writer.close()


async def test_what_is_no_http_is_cut(gateway: RunningGateway) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    writer.write(b"\x16\x03\x01\x02\x00 a TLS hello\r\n\r\n")
    assert await reader.read() == b""
    await until(lambda: connections(gateway) == 0)
    writer.close()


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


async def test_a_crawler_is_sent_away_before_anything_is_read_for_it(house: House, gateway: RunningGateway) -> None:
    async with a_peer(gateway, user_agent="Mozilla/5.0 (compatible; Googlebot/2.1)") as peer:
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


@pytest.fixture
async def ada(house: House) -> Account:
    return await house.account("Ada")


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


async def test_a_sign_in_that_ends_closes_its_sockets_within_a_second(
    house: House, gateway: RunningGateway, ada: Account
) -> None:
    async with a_peer(gateway) as mine, a_peer(gateway) as other:
        mine.send(an_agents_hello(await house.ticket(ada)))
        other.send(an_agents_hello(await house.ticket(await house.account("Bob"))))
        await mine.hears(WelcomeAgent)
        await other.hears(WelcomeAgent)
        await house.stores.bus.publish(EVERYBODY, encode_fact(SignedOut(ada.id, "")))
        async with asyncio.timeout(1):
            assert await mine.closed_with() == SIGNED_OUT.code
        assert mine.goodbyes == [SIGNED_OUT.code]
        other.send(Beat(5, []))
        await other.hears(Tops)


async def test_only_the_sign_in_that_ended_is_closed(house: House, gateway: RunningGateway, ada: Account) -> None:
    async with a_peer(gateway) as here, a_peer(gateway) as there:
        for peer in (here, there):
            peer.send(an_agents_hello(await house.ticket(ada)))
            await peer.hears(WelcomeAgent)
        sign_ins = [c.party.sign_in.id for c in gateway.gateway._connections if c.party]  # type: ignore[attr-defined]
        assert len(set(sign_ins)) == 2
        await house.stores.bus.publish(EVERYBODY, encode_fact(SignedOut(ada.id, sign_ins[0])))
        await until(lambda: here.is_cut or there.is_cut)
        rest = there if here.is_cut else here
        rest.send(Beat(5, []))
        await rest.hears(Tops)


async def test_a_sign_in_that_ended_unheard_is_noticed_by_a_later_heartbeat(
    house: House, gateway: RunningGateway, ada: Account
) -> None:
    async with a_peer(gateway) as peer:
        peer.send(an_agents_hello(await house.ticket(ada)))
        await peer.hears(WelcomeAgent)
        await house.stores.sign_ins.end_all(ada.id)
        for _ in range(4):
            peer.send(Beat(0, []))
        assert await peer.closed_with() == SIGNED_OUT.code


# --- time -----------------------------------------------------------------------------------------------------------


async def test_a_first_frame_that_does_not_come_in_time_is_late(timed: RunningGateway, clock: ManualClock) -> None:
    async with a_peer(timed) as peer:
        clock.advance(GREETING_S - 0.1)
        peer.send_bytes(b"", Opcode.PING)
        await until(lambda: peer.pongs)
        assert not peer.is_cut
        clock.advance(0.2)
        await turned_away(peer, LATE)


async def test_a_peer_that_falls_silent_is_hung_up_on_and_may_resume(
    house: House, timed: RunningGateway, clock: ManualClock
) -> None:
    async with a_peer(timed) as peer:
        peer.send(a_hello(house))
        await peer.hears(Welcome)
        clock.advance(SILENCE_S - 1)
        peer.send(Beat(3, []))
        await peer.hears(Tops)
        clock.advance(SILENCE_S - 1)
        peer.send(Beat(4, []))
        await until(lambda: len(peer.all(Tops)) == 2)
        clock.advance(SILENCE_S + 1)
        assert await peer.closed_with() == SILENT.code
        assert peer.goodbyes == [SILENT.code]
    assert SILENCE_S + TICK_S <= 1.5 * HEARTBEAT_MS / 1000


async def test_a_peer_that_does_not_answer_the_close_is_cut(
    house: House, timed: RunningGateway, clock: ManualClock
) -> None:
    async with a_peer(timed) as peer:
        peer.send(a_hello(house))
        await peer.hears(Welcome)
        await peer.stop_reading()  # half-open: it takes nothing, it says nothing
        clock.advance(SILENCE_S + 1)
        await until(lambda: all(c._closing_since is not None for c in timed.gateway._connections))
        clock.advance(CLOSE_S + 0.1)
        await until(lambda: connections(timed) == 0)


# --- frames ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xc1",
        b"\x90",
        b"\xdd\xff\xff\xff\xff",
        MSGPACK.encode(Typing(0, UUID(int=1), True))[:9],
        b"\x92\xcc\xc8\x00",
    ],
    ids=["nothing", "no msgpack", "empty", "a huge claim", "cut off", "unknown kind"],
)
async def test_what_is_no_frame_closes_the_connection_for_good(welcomed: RawPeer, data: bytes) -> None:
    welcomed.send_bytes(data)
    assert await welcomed.closed_with() == BAD_FRAME.code


async def test_a_visitor_who_sends_an_agents_frames_is_hung_up_on(welcomed: RawPeer) -> None:
    welcomed.send(Claim(1, welcomed.all(Welcome)[0].conversation))
    assert await welcomed.closed_with() == BAD_FRAME.code


async def test_an_agent_who_sends_a_visitors_frames_is_hung_up_on(
    house: House, gateway: RunningGateway, ada: Account
) -> None:
    async with a_peer(gateway) as peer:
        peer.send(an_agents_hello(await house.ticket(ada)))
        await peer.hears(WelcomeAgent)
        peer.send(Introduce(1, "me", ""))
        assert await peer.closed_with() == BAD_FRAME.code


async def test_a_first_frame_other_than_a_greeting_is_refused(house: House, gateway: RunningGateway) -> None:
    async with a_peer(gateway) as peer:
        peer.send(Watch(1, new_id(house.stores.clock), 0))
        await turned_away(peer, BAD_FRAME)


async def test_a_greeting_of_more_than_8_kib_is_refused(house: House, gateway: RunningGateway) -> None:
    async with a_peer(gateway) as peer:
        peer.send_bytes(MSGPACK.encode(a_hello(house)) + bytes(8 * 1024))
        await turned_away(peer, BAD_FRAME)


@pytest.mark.parametrize("pieces", [1, 3])
async def test_a_frame_of_more_than_64_kib_is_refused_by_the_websocket(welcomed: RawPeer, pieces: int) -> None:
    size = 64 * 1024 // pieces + 1
    for number in range(pieces):
        opcode = Opcode.BINARY if number == 0 else Opcode.CONT
        welcomed.send_bytes(bytes(size), opcode, fin=number == pieces - 1)
    assert await welcomed.closed_with() == 1009


async def test_a_message_in_pieces_is_put_together(house: House, welcomed: RawPeer) -> None:
    here = welcomed.all(Welcome)[0].conversation
    data = MSGPACK.encode(Post(9, here, new_id(house.stores.clock), "in three pieces", Conduct(5_000, "")))
    welcomed.send_bytes(data[:10], Opcode.BINARY, fin=False)
    welcomed.send_bytes(b"between", Opcode.PING)
    welcomed.send_bytes(data[10:40], Opcode.CONT, fin=False)
    welcomed.send_bytes(data[40:], Opcode.CONT)
    accepted = await welcomed.hears(Accepted)
    assert (accepted.ref, welcomed.pongs) == (9, [b"between"])
    assert [message.body for message in await house.record(here)] == ["in three pieces"]


async def test_a_message_in_ever_more_pieces_is_refused(welcomed: RawPeer) -> None:
    welcomed.send_bytes(b"", Opcode.BINARY, fin=False)
    for _ in range(FRAGMENTS):
        welcomed.send_bytes(b"", Opcode.CONT, fin=False)
    assert await welcomed.closed_with() == BAD_FRAME.code


async def test_a_compressed_frame_is_refused_by_the_websocket(welcomed: RawPeer) -> None:
    welcomed.send_raw(b"\xc2\x87" + bytes(4) + b"\xca\x48\xcd\xc9\xc9\x07\x00")  # FIN and RSV1, masked with zeros
    assert await welcomed.closed_with() == 1002


async def test_an_unmasked_frame_is_refused_by_the_websocket(welcomed: RawPeer) -> None:
    welcomed.send_raw(b"\x82\x01\x90")
    assert await welcomed.closed_with() == 1002


async def test_a_ping_is_answered_with_its_own_bytes(welcomed: RawPeer) -> None:
    welcomed.send_bytes(b"are you there", Opcode.PING)
    await until(lambda: welcomed.pongs == [b"are you there"])


async def test_a_peer_that_closes_first_is_answered(gateway: RunningGateway, welcomed: RawPeer) -> None:
    welcomed.send_bytes((1000).to_bytes(2, "big"), Opcode.CLOSE)
    assert await welcomed.closed_with() == 1000
    await until(lambda: connections(gateway) == 0)


# --- floods ---------------------------------------------------------------------------------------------------------


async def test_a_flood_of_frames_is_limited_and_then_hung_up_on(welcomed: RawPeer) -> None:
    for ref in range(1, 400):
        welcomed.send(Beat(ref, []))
    assert await welcomed.closed_with() == FLOODING.code
    assert 39 <= len(welcomed.all(Tops)) <= 45
    limited = welcomed.all(Refused)
    assert {frame.code for frame in limited} == {LIMITED.code}
    assert all(frame.retry_after_ms and frame.then == "retry" for frame in limited)


async def test_a_flood_of_pings_is_hung_up_on(welcomed: RawPeer) -> None:
    for _ in range(400):
        welcomed.send_bytes(b"", Opcode.PING)
    assert await welcomed.closed_with() == FLOODING.code


async def test_of_a_flood_that_comes_in_one_piece_only_the_beginning_is_looked_at(welcomed: RawPeer) -> None:
    ping = Frame(Opcode.PING, b"").serialize(mask=True)
    welcomed.send_raw(ping * 40_000)
    await until(lambda: welcomed.is_cut)
    assert FLOOD_REFUSALS <= len(welcomed.pongs) <= FLOOD_REFUSALS + 2 * PORTION // len(ping)


async def test_over_the_message_budget_a_post_is_limited_and_the_clients_retry_gets_through(
    house: House, gateway: RunningGateway
) -> None:
    async with a_peer(gateway) as peer:
        peer.send(a_hello(house))
        here = (await peer.hears(Welcome)).conversation
        for ref in range(1, 8):
            peer.send(Post(ref, here, new_id(house.stores.clock), f"No. {ref}", Conduct(5_000, "")))
        await until(lambda: len(peer.all(Accepted)) + len(peer.all(Refused)) == 7)
        assert [frame.ref for frame in peer.all(Accepted)] == [1, 2, 3, 4, 5]
        assert [(frame.ref, frame.code) for frame in peer.all(Refused)] == [(6, LIMITED.code), (7, LIMITED.code)]
        assert all(0 < (frame.retry_after_ms or 0) <= 1_001 for frame in peer.all(Refused))

    async with Ear(house.visitor(gateway)) as patient:
        here = patient.client.conversation
        await asyncio.gather(*[patient.client.post(here, f"No. {number}") for number in range(1, 8)])
        await patient.hears_texts(here, *[f"No. {number}" for number in range(1, 8)])


# --- leaving while being let in -------------------------------------------------------------------------------------


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


async def test_a_frame_that_fails_here_closes_its_own_connection_only(
    house: House, gateway: RunningGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with a_peer(gateway) as unlucky, a_peer(gateway) as other:
        for peer in (unlucky, other):
            peer.send(a_hello(house))
            await peer.hears(Welcome)

        async def broken(*_: object, **__: object) -> None:
            raise ValueError("a mistake of ours")

        monkeypatch.setattr(gateway.gateway.parts.delivery, "deliver", broken)
        here = unlucky.all(Welcome)[0].conversation
        unlucky.send(Post(3, here, new_id(house.stores.clock), "Hello?", Conduct(5_000, "")))
        assert await unlucky.closed_with() == AWAY.code
        assert unlucky.goodbyes == [AWAY.code]
        other.send(Beat(3, []))
        await other.hears(Tops)


async def test_the_client_stays_away_when_it_is_told_to(house: House, gateway: RunningGateway) -> None:
    for client, closure in (
        (visitor(gateway.url, "no-such-site"), NO_SUCH_SITE),
        (house.visitor(gateway, origin="https://evil.example"), FOREIGN_ORIGIN),
        (house.visitor(gateway, user_agent="curl/8"), CRAWLER),
    ):
        with pytest.raises(Closed) as closed:
            await client.__aenter__()
        assert closed.value.code == closure.code


async def test_what_the_ticket_raises_ends_an_agents_client(gateway: RunningGateway) -> None:
    async def no_ticket() -> str:
        raise LookupError("signed out")

    with pytest.raises(LookupError):
        await agent(gateway.url, no_ticket).__aenter__()
