"""One WebSocket: ``asyncio.Protocol`` → ``websockets``' Sans-I/O protocol → ``Session`` → whoever the peer is.

There is no task per connection. While frames are waiting, one task works them off in order; it ends with the last.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Protocol, cast

import structlog
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol

from chat.budgets.gcra import Budget
from chat.budgets.rates import FLOOD_REFUSALS, FRAMES
from chat.clock import Clock
from chat.errors import Unavailable
from chat.protocol.catalogue import AWAY, BAD_FRAME, FLOODING, LIMITED, SLOW, UNAVAILABLE, Closure, Refusal
from chat.protocol.codec import CODECS
from chat.protocol.frames import Beat, ClientFrame, Goodbye, Refused, ServerFrame
from chat.protocol.session import Session
from gateway.socket.handshake import Visit, new_protocol, plain_answer, visit
from gateway.socket.outgoing import Outgoing

if TYPE_CHECKING:
    from gateway.socket.server import Gateway

log = structlog.get_logger()

WRITE_BYTES = 256 * 1024
"""What may wait for a slow reader; over it the connection is closed, to resume when it reads again."""
EPHEMERAL_BYTES = WRITE_BYTES // 2
"""Over this, frames that may be lost are."""
WAITING_FRAMES = 8
"""Frames that wait for their turn; then the socket is not read until there is room."""
CLOSE_S = 2.0
"""How long a peer has to answer a close."""


class Party(Protocol):
    """Who is at the other end, once they said so."""

    async def handle(self, frame: ClientFrame) -> None:
        """Carry out a frame. Raises Unavailable when a store is away."""
        ...

    def beat(self, frame: Beat) -> None:
        """Answer a heartbeat, at once."""
        ...

    def left(self) -> None:
        """The connection is gone."""
        ...


class Connection(asyncio.Protocol):
    """A peer's connection, from handshake to close."""

    def __init__(self, gateway: Gateway, clock: Clock) -> None:
        self.gateway = gateway
        self.visit = Visit(None, "", "")
        self.party: Party | None = None
        self._clock = clock
        self._protocol: ServerProtocol = new_protocol()
        self._session: Session | None = None
        self._transport: asyncio.Transport | None = None
        self._fragments: list[bytes] = []
        self._frames = Budget(FRAMES)
        self._refused = 0
        self._waiting: deque[ClientFrame] = deque()
        self._worker: asyncio.Task[None] | None = None
        self._closing_since: float | None = None

    # --- asyncio.Protocol ---------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one in all but its bases
        self._transport.set_write_buffer_limits(high=WRITE_BYTES)
        self._opened_at = self._clock.monotonic()
        self.gateway.opened(self)

    def data_received(self, data: bytes) -> None:
        self._protocol.receive_data(data)
        for event in self._protocol.events_received():
            if isinstance(event, Request):
                self._shake_hands(event)
            elif isinstance(event, Frame):
                self._heard(event)
        self._flush()

    def eof_received(self) -> None:
        self._protocol.receive_eof()
        self._flush()

    def connection_lost(self, error: Exception | None) -> None:
        self._waiting.clear()
        if self._session:
            self._session.close()
        if self.party:
            self.party.left()
            self.party = None
        self.gateway.closed(self)

    # --- in ------------------------------------------------------------------------------------------------------

    def _shake_hands(self, request: Request) -> None:
        answer = plain_answer(self._protocol, request, away=self.gateway.away())
        if answer is None:
            answer = self._protocol.accept(request)
            peer = self._transport.get_extra_info("peername") if self._transport else None
            self.visit = visit(request, peer[0] if isinstance(peer, tuple) else "")
        self._protocol.send_response(answer)
        if self._protocol.state is State.OPEN:
            codec = CODECS[self._protocol.subprotocol or ""]
            self._session = Session(codec, self._clock.monotonic())

    def _heard(self, frame: Frame) -> None:
        if frame.opcode in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
            self._fragments.append(bytes(frame.data))
            if frame.fin:
                data = b"".join(self._fragments)
                self._fragments.clear()
                self._received(data)

    def _received(self, data: bytes) -> None:
        if self._session is None or self._closing_since is not None:
            return
        now = self._clock.monotonic()
        frame = self._session.receive(data, now)
        if isinstance(frame, Closure):
            self.close(frame)
        elif wait := self._frames.take(now):
            self._over_budget(frame, wait)
        elif isinstance(frame, Beat) and self.party:
            self.party.beat(frame)
        else:
            self._enqueue(frame)

    def _over_budget(self, frame: ClientFrame, wait: float) -> None:
        self._refused += 1
        if self._refused >= FLOOD_REFUSALS:
            self.close(FLOODING)
        else:
            self.refuse(frame.ref, LIMITED, retry_after_ms=int(wait * 1000) + 1)

    def _enqueue(self, frame: ClientFrame) -> None:
        self._waiting.append(frame)
        if len(self._waiting) >= WAITING_FRAMES and self._transport:
            self._transport.pause_reading()
        if self._worker is None:
            self._worker = self.gateway.spawn(self._work())

    async def _work(self) -> None:
        """Work off what waits, in the order it came."""
        try:
            while self._waiting:
                frame = self._waiting.popleft()
                await self._handle(frame)
                if len(self._waiting) < WAITING_FRAMES // 2 and self._transport:
                    self._transport.resume_reading()
        finally:
            self._worker = None

    async def _handle(self, frame: ClientFrame) -> None:
        try:
            if self.party is None:
                outcome = await self.gateway.welcome(self, frame)
                if isinstance(outcome, Closure):
                    self.close(outcome)
            else:
                await self.party.handle(frame)
        except Unavailable:
            if self.party is None:
                self.close(AWAY)
            else:
                self.refuse(frame.ref, UNAVAILABLE)
        except Exception:
            # The peer is told nothing of what went wrong here; the log has it whole, without what was said.
            log.exception("frame failed", frame=type(frame).__name__)
            self.close(AWAY)

    # --- out -----------------------------------------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        """Whether frames still go out."""
        return self._protocol.state is State.OPEN and self._closing_since is None

    def offer(self, outgoing: Outgoing) -> None:
        """Write a frame, shed it, or hang up on a peer that reads too slowly. Never waits."""
        if not self.is_open or self._session is None or self._transport is None:
            return
        waiting = self._transport.get_write_buffer_size()
        if outgoing.is_ephemeral and waiting > EPHEMERAL_BYTES:
            return
        wire = outgoing.wire(self._session.codec)
        if waiting + len(wire) > WRITE_BYTES and waiting:
            self.close(SLOW)
        else:
            self._transport.write(wire)

    def send(self, frame: ServerFrame) -> None:
        """Write a frame that is for this peer alone."""
        self.offer(Outgoing(frame))

    def refuse(self, ref: int, refusal: Refusal, *, retry_after_ms: int | None = None, detail: str = "") -> None:
        """Answer a question with why not. Frames without a ref expect no answer and get none."""
        if ref:
            wait = retry_after_ms if retry_after_ms is not None else refusal.retry_after_ms
            self.send(Refused(ref, refusal.code, refusal.text, refusal.then.value, wait, detail or refusal.detail))

    def close(self, closure: Closure, *, after_ms: int = 0) -> None:
        """Say goodbye and hang up. A peer that does not answer within 2 s is cut."""
        if self._closing_since is not None or self._transport is None:
            return
        if self._session is not None:
            if closure is not SLOW and closure is not BAD_FRAME:
                self.send(Goodbye(0, closure.code, closure.text, closure.then.value, after_ms))
            self._session.close()
        self._closing_since = self._clock.monotonic()
        self._waiting.clear()
        if self._protocol.state is State.OPEN:
            self._protocol.send_close(closure.code, closure.text)
            self._flush()
        else:
            self._transport.close()

    def sweep(self, now: float) -> None:
        """Called once a second: hang up on who is overdue, and cut who does not answer a close."""
        if self._closing_since is not None:
            if now - self._closing_since >= CLOSE_S:
                self.abort()
        elif self._session is None:
            if now - self._opened_at >= CLOSE_S:
                self.abort()  # no handshake
        elif closure := self._session.overdue(now):
            self.close(closure)

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
        if self._transport is None:
            return
        for data in self._protocol.data_to_send():
            if data:
                self._transport.write(data)
            else:
                self._transport.close()  # after what was written
