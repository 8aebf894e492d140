"""One WebSocket: ``asyncio.Protocol`` → ``websockets``' Sans-I/O protocol → ``Session`` → whoever the peer is.

There is no task per connection. While frames are waiting, one task works them off in order; it ends with the last.
"""

from __future__ import annotations

import asyncio
from typing import cast

import structlog
from websockets.frames import Frame
from websockets.http11 import Request
from websockets.protocol import Protocol, State
from websockets.server import ServerProtocol

from chat.clock import Clock
from chat.errors import Unavailable
from chat.ports import Rate
from chat.protocol.catalogue import AWAY, BAD_FRAME, LIMITED, SLOW, UNAVAILABLE, Closure, Refusal
from chat.protocol.codec import CODECS
from chat.protocol.frames import Beat, ClientFrame, Goodbye, Hello, HelloAgent, Refused, ServerFrame
from chat.protocol.session import Session
from gateway.socket.ends import Host, Peer
from gateway.socket.handshake import Visit, new_protocol, opened, response, visit
from gateway.socket.intake import Intake, TooFast
from gateway.socket.outgoing import Outgoing
from gateway.socket.outlet import STALL_S, Outlet

log = structlog.get_logger()

WAITING_FRAMES = 8
"""Frames that wait for their turn; then the socket is not read until there is room."""
PORTION = 4_096
"""Bytes that are looked at together: a read may hold 256 KB of tiny frames, and a flood is stopped before its end."""
HANDSHAKE_S = 5.0
"""How long a peer has for its HTTP request."""
CLOSE_S = 2.0
"""How long a peer has to answer a close."""


class Connection(asyncio.Protocol):
    """A peer's connection, from handshake to close."""

    __slots__ = (
        "_clock", "_closing_since", "_intake", "_is_gone", "_is_paused", "_is_welcoming", "_opened_at",
        "_outlet", "_protocol", "_said_goodbye", "_session", "_transport", "_waiting", "_worker", "host",
        "party", "spoke", "visit",
    )  # fmt: skip

    def __init__(self, host: Host[Connection], clock: Clock) -> None:
        self.host = host
        self.visit = Visit(None, "", "")
        self.party: Peer | None = None
        self._clock = clock
        self._protocol: Protocol = new_protocol()
        self._session: Session | None = None
        self._transport: asyncio.Transport | None = None
        self._outlet: Outlet | None = None
        self._intake: Intake | None = None
        self._waiting: tuple[ClientFrame, ...] = ()  # mostly none, and eight at most: () takes no memory of its own
        self._worker: asyncio.Task[None] | None = None
        self._is_paused = False
        self._said_goodbye = False
        self._closing_since: float | None = None
        self._is_gone = False
        self._is_welcoming = False
        self._opened_at = clock.monotonic()
        self.spoke = 0

    # --- asyncio.Protocol ---------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A peer dialled; it has 5 s to say what it wants."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one in all but its bases
        self._outlet = Outlet(self._transport)
        self.host.opened(self)
        self.host.look_at(self, self._opened_at + HANDSHAKE_S)

    def data_received(self, data: bytes) -> None:
        """Bytes came, cut anywhere."""
        for start in range(0, len(data), PORTION):
            self._protocol.receive_data(data if len(data) <= PORTION else data[start : start + PORTION])
            for event in self._protocol.events_received():
                if isinstance(event, Frame):
                    self._heard(event)
                elif isinstance(event, Request):
                    self._shake_hands(event)
            self._flush()
            if self._closing_since is not None:
                return  # the rest of it is of no interest any more

    def eof_received(self) -> None:
        """The peer says nothing more."""
        self._protocol.receive_eof()
        self._flush()

    def connection_lost(self, error: Exception | None) -> None:
        """It is gone, whoever ended it. Called once, and last."""
        self._is_gone = True
        self._waiting = ()
        self.resume_writing()
        if self._session:
            self._session.close()
        if not self._is_welcoming:
            self._leave()
        self.host.closed(self)

    def pause_writing(self) -> None:
        """More waits for the peer than it should."""
        if self._outlet:
            self._outlet.filled()

    def resume_writing(self) -> None:
        """The peer took most of it."""
        if self._outlet:
            self._outlet.emptied()

    def _leave(self) -> None:
        if self.party:
            self.party.left()
            self.party = None

    # --- in ------------------------------------------------------------------------------------------------------

    def _shake_hands(self, request: Request) -> None:
        assert isinstance(self._protocol, ServerProtocol)  # until it has shaken hands
        self._protocol.send_response(response(self._protocol, request, away=self.host.away()))
        if self._protocol.state is State.OPEN:
            self.visit = visit(request, self._transport)
            self._session = Session(CODECS[self._protocol.subprotocol or ""], self._clock.monotonic())
            self._intake = Intake(self._session)
            self._flush()
            self._protocol = opened(self._protocol)

    def _heard(self, frame: Frame) -> None:
        if self._intake is None or self._closing_since is not None:
            return
        heard = self._intake.take(frame, self._clock.monotonic())
        if heard is None:
            return
        if isinstance(heard, Closure):
            self.close(heard)
        elif isinstance(heard, TooFast):
            self.refuse(heard.ref, LIMITED, retry_after_ms=heard.retry_after_ms)
        elif isinstance(heard, Beat) and self.party:
            self.party.beat(heard)
        else:
            self._enqueue(heard)

    def _enqueue(self, frame: ClientFrame) -> None:
        self._waiting += (frame,)
        if len(self._waiting) >= WAITING_FRAMES and self._transport and not self._is_paused:
            self._is_paused = True
            self._transport.pause_reading()
        if self._worker is None:
            self._worker = self.host.spawn(self._work)

    async def _work(self) -> None:
        """Work off what waits, in the order it came, as fast as its answers are read."""
        try:
            while self._waiting:
                frame, self._waiting = self._waiting[0], self._waiting[1:]
                await self.room()
                await self._handle(frame)
                if self._is_paused and len(self._waiting) < WAITING_FRAMES // 2 and self._transport:
                    self._is_paused = False
                    self._transport.resume_reading()
        finally:
            self._worker = None

    async def _handle(self, frame: ClientFrame) -> None:
        try:
            if isinstance(frame, Hello | HelloAgent):
                await self._welcome(frame)
            elif self.party is not None:
                await self.party.handle(frame)
        except Unavailable:
            self.refuse(frame.ref, UNAVAILABLE)
        except Exception:
            # The peer is told nothing of what went wrong here; the log has it whole, without what was said.
            log.exception("frame failed", frame=type(frame).__name__)
            self.close(AWAY)

    async def _welcome(self, frame: ClientFrame) -> None:
        self._is_welcoming = True
        try:
            if closure := await self.host.welcome(self, frame):
                self.close(closure)
        except Unavailable:
            self.close(AWAY)
        finally:
            self._is_welcoming = False
            if self._is_gone:
                self._leave()  # it went meanwhile, and may have been shown in by then

    def allow(self, frames: Rate) -> None:
        """Give the peer another budget of frames than that of strangers."""
        if self._intake is not None:
            self._intake.allow(frames)

    # --- out -----------------------------------------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        """Whether frames still go out."""
        return self._protocol.state is State.OPEN and self._closing_since is None and not self._is_gone

    def offer(self, outgoing: Outgoing) -> None:
        """Write a frame, shed it, or hang up on a peer that reads too slowly. Never waits."""
        if not self.is_open or self._session is None or self._outlet is None:
            return
        if outgoing.is_ephemeral and self._outlet.sheds:
            return
        wire = outgoing.wire(self._session.codec)
        if not self._outlet.takes(wire):
            self.close(SLOW)
        elif self._outlet.hold(wire):
            self.host.after_turn(self._release)
        else:
            self._watch(self._outlet)

    def _release(self) -> None:
        """A system call costs more than a frame: what one turn of the event loop has for a peer is written at once."""
        if self._outlet and not self._is_gone:
            self._outlet.release()
            self._watch(self._outlet)

    def _watch(self, outlet: Outlet) -> None:
        if outlet.watch():
            self.host.look_at(self, self._clock.monotonic() + STALL_S)

    def send(self, frame: ServerFrame) -> None:
        """Write a frame that is for this peer alone."""
        self.offer(Outgoing(frame))

    def answer(self, frame: ServerFrame) -> None:
        """Write a large frame that this peer asked for; ``await room()`` before making it."""
        if self.is_open and self._session is not None and self._outlet is not None:
            self._outlet.answer(Outgoing(frame).wire(self._session.codec))
            self._watch(self._outlet)

    async def room(self) -> None:
        """Wait until the peer has read most of what was written, or was hung up on because it does not."""
        if self._outlet:
            await self._outlet.room()

    def refuse(self, ref: int, refusal: Refusal, *, retry_after_ms: int | None = None, detail: str = "") -> None:
        """Answer a question with why not. Frames without a ref expect no answer and get none."""
        if ref:
            wait = retry_after_ms if retry_after_ms is not None else refusal.retry_after_ms
            self.send(Refused(ref, refusal.code, refusal.text, refusal.then.value, wait, detail or refusal.detail))

    def farewell(self, closure: Closure, *, after_ms: int = 0) -> None:
        """Say that the connection is about to end, and when to come back. Said once."""
        if not self._said_goodbye and self._session is not None:
            self._said_goodbye = True
            self.send(Goodbye(0, closure.code, closure.text, closure.then.value, after_ms))

    def close(self, closure: Closure) -> None:
        """Say goodbye and hang up. A peer that does not answer within 2 s is cut."""
        if self._closing_since is None and closure is not SLOW and closure is not BAD_FRAME:
            self.farewell(closure)
        if self._closing_since is not None or self._transport is None:
            return
        if self._session is not None:
            self._session.close()
        self._closing_since = self._clock.monotonic()
        self.host.look_at(self, self._closing_since + CLOSE_S)
        self._waiting = ()
        if self._protocol.state is State.OPEN:
            self._protocol.send_close(closure.code, closure.text)
            self._flush()
        else:
            self._transport.close()

    def look(self, now: float) -> float:
        """Hang up if the peer is overdue, stalls, or does not answer a close. Returns when to look again.

        Both in monotonic seconds.
        """
        if self._closing_since is not None:
            due = self._closing_since + CLOSE_S
        elif self._session is None or self._outlet is None:
            due = self._opened_at + HANDSHAKE_S
        else:
            return self._look_at_peer(self._session, self._outlet, now)
        if now >= due:
            self.abort()
        return due

    def _look_at_peer(self, session: Session, outlet: Outlet, now: float) -> float:
        # While it is not read, nothing can be heard from it.
        if closure := SLOW if outlet.look() else None if self._is_paused else session.overdue(now):
            self.close(closure)
            return now + CLOSE_S
        due = session.due
        return min(due, now + STALL_S) if outlet.is_watched or self._is_paused else due

    def abort(self) -> None:
        """Cut without a word."""
        if self._transport:
            self._transport.abort()

    @property
    def is_busy(self) -> bool:
        """Whether frames of this peer are being worked off."""
        return self._worker is not None

    def _flush(self) -> None:
        """Write what the WebSocket protocol itself has to say; an empty piece means: end of stream."""
        if self._transport is None or self._outlet is None:
            return
        for data in self._protocol.data_to_send():
            if data:
                self._outlet.write(data)
            else:
                self._transport.close()  # after what was written
                self._closing_since = self._closing_since or self._clock.monotonic()
        if self._outlet.overflows:
            self.abort()  # somebody pings and never reads
