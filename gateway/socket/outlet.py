"""The way out to one reader: nothing waits for it, what waits for the reader is bounded, and answers keep its pace."""

from __future__ import annotations

import asyncio

WRITE_BYTES = 256 * 1024
"""What may wait for a slow reader; over it the connection is closed, to resume when it reads again."""
EPHEMERAL_BYTES = WRITE_BYTES // 2
"""Over this, frames that may be lost are."""
PACED_BYTES = 64 * 1024
"""While more than this waits for a reader, its next question waits, too."""
ROOM_S = 10.0
"""How long a reader may take to take that; 64 KiB in 10 s is a modem."""


class Outlet:
    """A transport's write side."""

    __slots__ = ("_answer_bytes", "_is_full", "_room", "_transport")

    def __init__(self, transport: asyncio.WriteTransport) -> None:
        transport.set_write_buffer_limits(high=PACED_BYTES)
        self._transport = transport
        self._is_full = False
        self._room: asyncio.Future[None] | None = None
        self._answer_bytes = 0

    def filled(self) -> None:
        """The transport holds more than 64 KiB."""
        self._is_full = True

    def emptied(self) -> None:
        """The reader took most of it, or is gone."""
        self._is_full = False
        self._answer_bytes = 0
        if self._room is not None and not self._room.done():
            self._room.set_result(None)

    def offer(self, wire: bytes) -> bool:
        """Write what is shown to many; False when it is too much for this reader."""
        waiting = self._transport.get_write_buffer_size()
        if waiting and waiting + len(wire) > WRITE_BYTES + self._answer_bytes:
            return False
        self._transport.write(wire)
        return True

    def answer(self, wire: bytes) -> None:
        """Write what this reader asked for, after ``room``: its size is no reason to call the reader slow."""
        self._transport.write(wire)
        self._answer_bytes = len(wire) if self._is_full else 0

    async def room(self) -> None:
        """Wait until the reader has taken most of what was written. Raises TimeoutError after 10 s."""
        if self._is_full:
            self._room = asyncio.get_running_loop().create_future()
            async with asyncio.timeout(ROOM_S):
                await self._room

    @property
    def sheds(self) -> bool:
        """So much waits that frames which may be lost are."""
        return self._transport.get_write_buffer_size() > EPHEMERAL_BYTES

    @property
    def overflows(self) -> bool:
        """More waits than any of our own frames could make."""
        return self._transport.get_write_buffer_size() > 2 * WRITE_BYTES + self._answer_bytes
