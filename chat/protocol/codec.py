"""Frames to bytes and back. The only place that knows msgpack.

``aican.v1.msgpack`` carries frames as MessagePack arrays, identifiers as 16 bytes. ``aican.v1.json`` carries the same
arrays as JSON text, identifiers in the usual hyphenated form. Everything read is checked into frozen typed values
before any rule sees it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any
from uuid import UUID

import msgpack
import msgspec

from chat.protocol.frames import POSITIONS, ClientFrame, ServerFrame

FRAME_BYTES = 64 * 1024
"""A client's frame at most; a text of 8,000 characters of four bytes fits twice."""

SERVER_FRAME_BYTES = 1024 * 1024
"""A server's frame at most: a queue or a snapshot holds hundreds of entries."""


class BadFrame(ValueError):
    """These bytes are not a frame of this version."""


class _FromClient(msgspec.Struct, array_like=True):
    """Around a client's frame: msgspec prepares a class once, but a bare union for every frame anew (9 µs, not 1)."""

    frame: ClientFrame


class _FromServer(msgspec.Struct, array_like=True):
    """Around a server's frame."""

    frame: ServerFrame


@dataclass(frozen=True, slots=True)
class _Side:
    """What one side may send. An array's header makes room for all that it claims, at any depth: 3 KB of headers that
    claim 4,096 entries cost 33 MB and 20 ms, with 64 they cost next to nothing."""

    around: type[_FromClient] | type[_FromServer]
    bytes: int
    entries: int


_CLIENT = _Side(_FromClient, FRAME_BYTES, POSITIONS)
_SERVER = _Side(_FromServer, SERVER_FRAME_BYTES, 4096)


@dataclass(frozen=True, slots=True)
class Codec:
    """One subprotocol: its name, whether it travels in text frames, and both directions."""

    subprotocol: str
    is_text: bool
    encode: Callable[[ClientFrame | ServerFrame], bytes]
    _loads: Callable[[bytes, _Side], Any]

    def decode_client(self, data: bytes) -> ClientFrame:
        """The client's frame in ``data``. Raises BadFrame."""
        return self._decode(data, _CLIENT)  # type: ignore[no-any-return]

    def decode_server(self, data: bytes) -> ServerFrame:
        """The server's frame in ``data``. Raises BadFrame."""
        return self._decode(data, _SERVER)  # type: ignore[no-any-return]

    def _decode(self, data: bytes, side: _Side) -> Any:
        if len(data) > side.bytes:
            raise BadFrame(f"a frame is at most {side.bytes} bytes")
        try:
            return msgspec.convert([self._loads(data, side)], side.around).frame
        except BadFrame:
            raise
        except (msgspec.ValidationError, ValueError, TypeError, RecursionError) as error:
            raise BadFrame(str(error)) from error


def _as_array(value: Any) -> Any:
    """What msgpack cannot carry itself: frames as arrays, identifiers as 16 bytes."""
    if isinstance(value, msgspec.Struct):
        fields = msgspec.structs.astuple(value)
        tag = value.__struct_config__.tag
        return fields if tag is None else (tag, *fields)
    if isinstance(value, UUID):
        return value.bytes
    if isinstance(value, Enum):
        return value.value
    raise TypeError(f"a frame cannot hold {type(value).__name__}")


def _pack(frame: ClientFrame | ServerFrame) -> bytes:
    return msgpack.packb(frame, default=_as_array)  # type: ignore[no-any-return]


def _unpack(data: bytes, side: _Side) -> Any:
    # A fresh unpacker for every frame: a reused one is in an undefined state after an error (CVE-2026-57585).
    # The limits hold whatever a length prefix claims, so a few bytes cannot ask for gigabytes.
    try:
        return msgpack.unpackb(
            data,
            raw=False,
            strict_map_key=True,
            max_str_len=side.bytes,
            max_bin_len=16,
            max_array_len=side.entries,
            max_map_len=0,
            max_ext_len=0,
        )
    except (msgpack.UnpackException, ValueError) as error:
        raise BadFrame(f"not msgpack: {error}") from error


def _parse(data: bytes, _: _Side) -> Any:
    return msgspec.json.decode(data)


MSGPACK = Codec("aican.v1.msgpack", False, _pack, _unpack)
JSON = Codec("aican.v1.json", True, msgspec.json.encode, _parse)

CODECS: dict[str, Codec] = {codec.subprotocol: codec for codec in (MSGPACK, JSON)}
