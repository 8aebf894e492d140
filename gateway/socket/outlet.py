"""The way out to one reader: nothing waits for it, what waits for the reader is bounded, and answers keep its pace."""

from __future__ import annotations

import asyncio
import fcntl
import struct
import termios

WRITE_BYTES = 256 * 1024
"""What may wait for a slow reader; over it the connection is closed, to resume when it reads again."""
EPHEMERAL_BYTES = WRITE_BYTES // 2
"""Over this, frames that may be lost are."""
PACED_BYTES = 64 * 1024
"""While more than this waits for a reader, its next question waits, too."""
LAG_BYTES = 16 * 1024
"""From so much on a reader is watched; less is what one turn of the event loop wrote."""
HELD_BYTES = 4 * 1024
"""More is not held: what is held is no part of what waits."""
STALL_S = 2.5
"""Looked at so often, a watched reader must have taken what waited at the look before: nothing waits longer than twice
this. Of an answer, which may be large, it must have taken something between three looks: 5 s."""
KERNEL_BYTES = 64 * 1024
"""Asked of the system for its own send buffer, which takes twice as much. Left alone it grows to megabytes, and a
reader that stopped would be noticed thousands of messages later."""


class Outlet:
    """A transport's write side."""

    __slots__ = ("_answer", "_held", "_is_full", "_is_still", "_room", "_seen", "_transport", "_written")

    def __init__(self, transport: asyncio.WriteTransport) -> None:
        transport.set_write_buffer_limits(high=PACED_BYTES)
        self._transport = transport
        self._held = b""
        """Frames that go out together; none, mostly."""
        self._is_full = False
        self._room: asyncio.Future[None] | None = None
        self._answer = (0, 0)
        """The last answer's size, and how much was written up to its end."""
        self._written = 0
        self._seen: tuple[int, int, int] | None = None
        """Bytes written, taken from here, and taken by the reader's side, at the last look; None: not watched."""
        self._is_still = False
        """Of an answer nothing was taken between the last two looks."""

    def filled(self) -> None:
        """The transport holds more than 64 KiB."""
        self._is_full = True

    def emptied(self) -> None:
        """The reader took most of it, or is gone."""
        self._is_full = False
        if self._room is not None and not self._room.done():
            self._room.set_result(None)

    def takes(self, wire: bytes) -> bool:
        """Whether one more frame is not too much for this reader."""
        waiting = self._transport.get_write_buffer_size()
        return not waiting or waiting + len(wire) <= WRITE_BYTES + self._asked_for(waiting)

    def _asked_for(self, waiting: int) -> int:
        """How much of what waits is an answer."""
        size, end = self._answer
        return max(0, min(size, end - (self._written - waiting)))

    def hold(self, wire: bytes) -> bool:
        """Write a frame with the others of this turn; True when it is the first, and ``release`` is due at its end."""
        is_first = not self._held
        self._held += wire  # as it is, when it is the only one
        if len(self._held) > HELD_BYTES:
            self.release()
        return is_first and bool(self._held)

    def release(self) -> None:
        """Write what is held."""
        if self._held:
            held, self._held = self._held, b""
            self._put(held)

    def answer(self, wire: bytes) -> None:
        """Write what this reader asked for, after ``room``: its size is no reason to call the reader slow."""
        self.write(wire)
        self._answer = len(wire), self._written

    def write(self, wire: bytes) -> None:
        """Write, whatever waits already."""
        self.release()
        self._put(wire)

    def _put(self, wire: bytes) -> None:
        self._written += len(wire)
        self._transport.write(wire)

    async def room(self) -> None:
        """Wait until the reader has taken most of what was written, or is gone. Looks end the wait for one that
        takes nothing."""
        if self._is_full:
            self._room = asyncio.get_running_loop().create_future()
            await self._room

    def watch(self) -> bool:
        """True when from now on this reader has to be looked at each ``STALL_S``."""
        waiting = self._transport.get_write_buffer_size()
        if self._seen is not None or waiting < LAG_BYTES:
            return False
        self._seen, self._is_still = self._now(waiting), False
        return True

    def look(self) -> bool:
        """A watched reader's turn: True when it stalls. One that has taken everything is watched no more."""
        if self._seen is None:
            return False
        waiting = self._transport.get_write_buffer_size()
        written_then, taken_then, read_then = self._seen
        now = self._now(waiting)
        self._seen = now if waiting else None
        if taken_then >= self._answer[1]:
            return now[1] < written_then
        was_still, self._is_still = self._is_still, now[2] == read_then
        return self._is_still and was_still

    def _now(self, waiting: int) -> tuple[int, int, int]:
        taken = self._written - waiting
        return self._written, taken, taken - _in_the_system(self._transport)

    @property
    def is_watched(self) -> bool:
        """Whether looks are due."""
        return self._seen is not None

    @property
    def sheds(self) -> bool:
        """So much waits that frames which may be lost are."""
        return self._transport.get_write_buffer_size() > EPHEMERAL_BYTES

    @property
    def overflows(self) -> bool:
        """Whether more than twice ``WRITE_BYTES``, beside one answer, waits in the transport. No frames of ours make
        that: the peer pings and never reads."""
        waiting = self._transport.get_write_buffer_size()
        return waiting > 2 * WRITE_BYTES + self._asked_for(waiting)


def _in_the_system(transport: asyncio.WriteTransport) -> int:
    """Bytes that the system holds and the reader's side has not confirmed (SIOCOUTQ, tcp(7)); 0 where it does not tell.
    It asks for more only when a third of what it holds is gone: up to a minute for who reads 1 KB/s."""
    own = transport.get_extra_info("socket")
    try:
        return int(struct.unpack("i", fcntl.ioctl(own.fileno(), termios.TIOCOUTQ, bytes(4)))[0]) if own else 0
    except OSError:
        return 0
