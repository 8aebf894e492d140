"""A connection to one Redis server, with nothing between the socket and whoever takes the replies."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeAlias, cast

from hiredis import Reader, pack_command
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import ConnectionError as Lost
from redis.exceptions import InvalidResponse, ResponseError

_NOTHING = object()
# What a server has not taken yet, in a healthy install some KB. A server that is this far behind gets nothing more.
_MOST_UNSENT = 8 * 2**20
# What gathers at most while the server has not answered, and how long: a server far away answers later than this, and
# what it is asked should be on its way by then.
_MOST_GATHERED = 64 * 2**10
_GATHERING_S = 0.001

Word: TypeAlias = str | bytes | int
Take: TypeAlias = Callable[[list[Any]], None]
"""Gets the replies of one packet, in order: bytes, int, None, list, or a ``ResponseError`` that is no exception yet."""
Loss: TypeAlias = Callable[[Exception], None]
"""Called once, when the connection is gone."""


def pack(words: tuple[Word, ...]) -> bytes:
    """A command as it is sent."""
    packed: bytes = pack_command(words)  # type: ignore[arg-type]  # its stub knows only tuples of one
    return packed


class Wire(asyncio.Protocol):
    """The driver connects and introduces itself (TLS, AUTH, SELECT); then this protocol takes its transport over.

    Everything that is written in one turn of the event loop goes out in one piece, with no delay and no task; while the
    server has not answered what it got before, more gathers for 1 ms (as in RFC 896, one level up): a quiet server is
    asked at once, a busy one gets few large packets. Replies are parsed where they arrive (RESP2). What ``take`` raises
    ends the connection and is handed to ``loss``.
    """

    def __init__(self, connection: AbstractConnection, take: Take, loss: Loss) -> None:
        """``connection`` is connected; it is not used any more. Raises ``Lost`` when it is gone already."""
        self.is_full = False
        """The server is so far behind that nothing more should be written."""
        self._take = take
        self._loss = loss
        self._loop = asyncio.get_running_loop()
        self._parser = Reader(replyError=ResponseError, protocolError=InvalidResponse, notEnoughData=_NOTHING)
        self._unsent: list[bytes] = []
        self._gathered = 0
        self._timer: asyncio.TimerHandle | None = None
        self._is_answered = True
        """Something has come since the last packet went."""
        self._is_over = False
        # The stream must live as long as its transport: it closes the transport when it is collected.
        self._stream, self._transport = _taken_from(connection)
        self._transport.set_protocol(self)
        self._transport.set_write_buffer_limits(high=_MOST_UNSENT)

    def write(self, packed: bytes) -> None:
        """Send it with everything else of this turn, or with what gathers until the server answers."""
        if not self._unsent:
            if self._is_answered:
                self._loop.call_soon(self._flush)
            else:
                self._timer = self._loop.call_later(_GATHERING_S, self._flush)
        self._unsent.append(packed)
        self._gathered += len(packed)
        if self._gathered > _MOST_GATHERED:
            self._flush()

    def close(self) -> None:
        """Hang up at once; ``loss`` is not called. A server that takes nothing any more would hold a polite end up."""
        self._is_over = True
        self._transport.abort()

    def drop(self, reason: Exception) -> None:
        """Hang up at once, and tell ``loss`` why."""
        self._transport.abort()
        self._end(reason)

    def _flush(self) -> None:
        unsent, self._unsent = self._unsent, []
        self._gathered = 0
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if unsent and not self._is_over:
            self._is_answered = False
            self._transport.write(b"".join(unsent))

    def _end(self, reason: Exception) -> None:
        if not self._is_over:
            self._is_over = True
            self._loss(reason)

    # --- called by the event loop ------------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        """Parse and hand over."""
        try:
            parser = self._parser
            parser.feed(data)
            replies = []
            while (reply := parser.gets()) is not _NOTHING:
                replies.append(reply)
            if replies and not self._is_over:
                self._take(replies)
            if not self._is_answered:
                self._is_answered = True
                if self._unsent:
                    self._loop.call_soon(self._flush)
        except Exception as error:  # the loop would only log it
            self.drop(error)

    def pause_writing(self) -> None:
        """The server takes less than is written."""
        self.is_full = True

    def resume_writing(self) -> None:
        """It has caught up."""
        self.is_full = False

    def connection_lost(self, exc: Exception | None) -> None:
        """The other end hung up, or the network failed."""
        self._end(exc or Lost("the server closed the connection"))


def _taken_from(connection: AbstractConnection) -> tuple[asyncio.StreamWriter, asyncio.Transport]:
    """The driver's stream after the handshake, when nothing more is to be read; the driver forgets it."""
    reader, writer = connection._reader, connection._writer
    connection._reader = connection._writer = None
    if reader is None or writer is None or reader.at_eof() or writer.transport.is_closing():
        if writer is not None:
            writer.transport.abort()
        raise Lost("the server closed the connection")
    return writer, cast(asyncio.Transport, writer.transport)
