"""Bytes that are no frame, each for its own reason; and how to make more of them from good ones."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import msgpack

from tests.vectors.make_frames import CLIENT_ID, CONVERSATION

Path = tuple[int, ...]


def packed(*fields: Any) -> bytes:
    """The fields as a MessagePack array."""
    return msgpack.packb(fields, default=lambda value: value.bytes)  # type: ignore[no-any-return]


def leaves(array: list[Any], path: Path = ()) -> Iterator[Path]:
    """Where the values of a frame's array stand, at any depth."""
    for index, value in enumerate(array):
        if isinstance(value, list):
            yield from leaves(value, (*path, index))
        else:
            yield (*path, index)


def replaced(array: list[Any], path: Path, value: Any) -> list[Any]:
    """The array with another value at this place."""
    changed = copy.deepcopy(array)
    place = changed
    for index in path[:-1]:
        place = place[index]
    place[path[-1]] = value
    return changed


BAD_MSGPACK: dict[str, bytes] = {
    "nothing": b"",
    "never used": b"\xc1",
    "nil": b"\xc0",
    "a number": b"\x07",
    "text": b"\xa5hello",
    "an empty array": b"\x90",
    "a kind alone": b"\x91\x13",
    "an unknown kind": packed(15, 1),
    "a server's kind": packed(76, 1),
    "a kind that is true": packed(True, 1, "demo", None, [], None, 0),
    "a kind that is a float": packed(19.0, 1, True),
    "a kind that is text": packed("19", 1, True),
    "a field too few": packed(19, 1),
    "a field too many": packed(19, 1, True, 1),
    "a field too many in a part": packed(3, 1, CONVERSATION, CLIENT_ID, "hello", [0, "", 1]),
    "a second frame behind": packed(19, 1, True) + packed(19, 1, True),
    "a byte behind": packed(19, 1, True) + b"\xc0",
    "cut short": packed(6, 1, CONVERSATION)[:-1],
    "a negative ref": packed(19, -1, True),
    "a ref of 33 bits": packed(19, 2**32, True),
    "a ref that is true": packed(19, True, True),
    "a ref that is a float": packed(19, 1.0, True),
    "a ref that is not a number": packed(19, float("nan"), True),
    "an endless ref": packed(19, float("inf"), True),
    "a ref that is text": packed(19, "1", True),
    "a one for true": packed(19, 1, 1),
    "a number of 54 bits": packed(8, 1, CONVERSATION, 2**53),
    "a negative number": packed(8, 1, CONVERSATION, -1),
    "an identifier of 15 bytes": packed(6, 1, bytes(15)),
    "an identifier of 17 bytes": packed(6, 1, bytes(17)),
    "an identifier that is missing": packed(6, 1, None),
    "an identifier that is a number": packed(6, 1, 5),
    "an identifier that is no UUID": packed(6, 1, "0192f0c1"),
    "bytes for text": packed(9, 1, b"Ming", ""),
    "text that is not UTF-8": bytes.fromhex("940901a2c328a0"),
    "text with half a surrogate": bytes.fromhex("940901a3eda080a0"),
    "a map for the frame": msgpack.packb({}),
    "a map with numbers for keys": msgpack.packb({0: 19, 1: 1, 2: True}),
    "a map for a field": bytes.fromhex("94090180a0"),
    "a time stamp": bytes.fromhex("9313d6ff00000001c3"),
    "an extension without content": bytes.fromhex("9313c70005c3"),
    "an extension of 4 GiB": bytes.fromhex("9313c9ffffffff05c3"),
    "text of 4 GiB": bytes.fromhex("940901dbffffffff"),
    "bytes of 4 GiB": bytes.fromhex("940901c6ffffffff"),
    "an array of four thousand million": bytes.fromhex("ddffffffff"),
    "a map of four thousand million": bytes.fromhex("dfffffffff"),
    "arrays in arrays": b"\x91" * 60_000 + b"\x13",
    "large arrays in large arrays": b"\xdc\x0f\xff" * 20_000,
    "maps in maps": b"\x81\x01" * 30_000,
    "positions that are triples": packed(7, 1, [[CONVERSATION, 1, 1]]),
    "positions that are no list": packed(7, 1, 1),
    "65 positions": packed(7, 1, [[UUID(int=n), 1] for n in range(65)]),
}

BAD_JSON: dict[str, bytes] = {
    "nothing": b"",
    "no JSON": b"hello",
    "an object": b'{"kind":19,"ref":1,"available":true}',
    "a string": b'"[19,1,true]"',
    "cut short": b"[19,1,tru",
    "text behind": b"[19,1,true]]",
    "not a number": b"[19,NaN,true]",
    "infinity": b"[19,Infinity,true]",
    "more than a number holds": b"[19,1e999,true]",
    "many digits": b"[19," + b"9" * 60_000 + b",true]",
    "a float for a number": b"[19,1.0,true]",
    "half a surrogate": b'[9,1,"\\ud800 ",""]',
    "not UTF-8": b'[9,1,"\xff",""]',
    "arrays in arrays": b"[" * 60_000,
    "objects in objects": b'{"a":' * 12_000,
    "a trailing comma": b"[19,1,true,]",
    "an identifier in braces": b'[6,1,"{0192f0c1-7e1a-8c3d-9b5e-6f708192a3b4}"]',
    "an identifier that is empty": b'[6,1,""]',
    "MessagePack": packed(19, 1, True),
}
