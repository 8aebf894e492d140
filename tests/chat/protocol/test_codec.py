"""Whatever arrives becomes a checked frame or BadFrame; it costs little, and leaves nothing behind."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from typing import Any, get_args, get_type_hints
from uuid import UUID, uuid4

import msgpack
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.conversations.service import fact_id
from chat.ids import ConversationId
from chat.protocol.codec import CODECS, FRAME_BYTES, JSON, MSGPACK, BadFrame, Codec
from chat.protocol.frames import (
    Availability,
    Beat,
    ClientFrame,
    Conduct,
    Done,
    Introduce,
    Kind,
    Marks,
    MarkView,
    Post,
    Role,
)
from tests.chat.protocol.bad_frames import BAD_JSON, BAD_MSGPACK, Path, leaves, packed, replaced
from tests.vectors.make_frames import CLIENT, CLIENT_ID, CONVERSATION

GOOD = Availability(1, True)
CLIENT_KINDS: tuple[type[msgspec.Struct], ...] = get_args(ClientFrame)
BY_KIND: dict[type[msgspec.Struct], ClientFrame] = {type(frame): frame for frame in CLIENT}
CODEC = pytest.mark.parametrize("codec", CODECS.values(), ids=list(CODECS))
BAD = [
    *(pytest.param(MSGPACK, data, id=f"msgpack-{name}") for name, data in BAD_MSGPACK.items()),
    *(pytest.param(JSON, data, id=f"json-{name}") for name, data in BAD_JSON.items()),
]


def array(codec: Codec, frame: ClientFrame) -> list[Any]:
    """The frame as the array that travels."""
    data = codec.encode(frame)
    fields: list[Any] = json.loads(data) if codec.is_text else msgpack.unpackb(data)
    return fields


def wire(codec: Codec, fields: list[Any]) -> bytes:
    return json.dumps(fields).encode() if codec.is_text else msgpack.packb(fields)


# --- what is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("codec", "data"), BAD)
def test_what_is_no_frame_is_refused_and_the_next_frame_is_read(codec: Codec, data: bytes) -> None:
    """CVE-2026-57585: an unpacker that failed must not be used again."""
    with pytest.raises(BadFrame):
        codec.decode_client(data)
    assert codec.decode_client(codec.encode(GOOD)) == GOOD


@pytest.mark.parametrize("data", [data for data in BAD_MSGPACK.values() if len(data) < 20_000 or data[0] == 0xDC])
def test_no_frame_takes_memory_that_it_only_claims(data: bytes) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(BadFrame):
            MSGPACK.decode_client(data)
        assert tracemalloc.get_traced_memory()[1] < 2 * 1024**2
    finally:
        tracemalloc.stop()


@CODEC
@pytest.mark.parametrize("wrong", [{"$ne": None}, {"$gt": ""}, {}, -1, 1.5, float("nan"), 2**53, [[]]], ids=repr)
@pytest.mark.parametrize("frame", CLIENT, ids=lambda frame: type(frame).__name__)
def test_a_value_of_no_field_s_type_is_refused_in_every_place(codec: Codec, wrong: object, frame: ClientFrame) -> None:
    """No operator object reaches a filter (CVE-2026-45688), no float a number."""
    fields = array(codec, frame)
    for path in leaves(fields):
        with pytest.raises(BadFrame):
            codec.decode_client(wire(codec, replaced(fields, path, wrong)))


@CODEC
@pytest.mark.parametrize("frame", CLIENT, ids=lambda frame: type(frame).__name__)
def test_a_frame_cut_short_anywhere_is_refused(codec: Codec, frame: ClientFrame) -> None:
    data = codec.encode(frame)
    for end in range(len(data)):
        with pytest.raises(BadFrame):
            codec.decode_client(data[:end])


@pytest.mark.parametrize("client_id", [uuid4(), UUID(int=0), fact_id(ConversationId(CONVERSATION), Kind.ENDED)])
@CODEC
def test_a_client_id_is_a_version_7_uuid_so_no_sender_takes_the_name_of_a_fact(codec: Codec, client_id: UUID) -> None:
    """Otherwise a visitor who posts under the name of «ended» has a conversation that nobody can end."""
    fields = array(codec, Post(1, CONVERSATION, CLIENT_ID, "hello", Conduct()))
    fields[3] = str(client_id) if codec.is_text else client_id.bytes
    with pytest.raises(BadFrame):
        codec.decode_client(wire(codec, fields))


# --- bounds ----------------------------------------------------------------------------------------------------------


def bounded(frame: type[msgspec.Struct], path: Path = ()) -> Iterator[tuple[Path, int]]:
    """Every text field of a client's frame, with how many characters it holds."""
    hints = get_type_hints(frame, include_extras=True)
    for index, name in enumerate(frame.__struct_fields__, start=0 if path else 1):
        candidates = [hints[name], *get_args(hints[name])]
        for hint in candidates:
            limit = getattr(next(iter(getattr(hint, "__metadata__", ())), None), "max_length", None)
            if limit is not None and get_args(hint)[0] is str:
                yield (*path, index), limit
        if isinstance(hints[name], type) and issubclass(hints[name], msgspec.Struct):
            yield from bounded(hints[name], (*path, index))


TEXTS = [pytest.param(kind, *each, id=f"{kind.__name__}-{each[0]}") for kind in CLIENT_KINDS for each in bounded(kind)]


def test_every_text_of_a_client_has_a_bound() -> None:
    places = {
        (kind, path)
        for kind in CLIENT_KINDS
        for path in leaves(array(JSON, BY_KIND[kind]))
        if isinstance(_at(array(MSGPACK, BY_KIND[kind]), path), str)
    }
    assert places <= {(case.values[0], case.values[1]) for case in TEXTS}
    assert len(TEXTS) == 13


def _at(fields: Any, path: Path) -> Any:
    for index in path:
        fields = fields[index]
    return fields


@CODEC
@pytest.mark.parametrize(("kind", "path", "limit"), TEXTS)
@pytest.mark.parametrize("letter", ["a", "王", "👋"])
def test_a_text_is_as_long_as_the_specification_says_and_no_longer(
    codec: Codec, kind: type[msgspec.Struct], path: Path, limit: int, letter: str
) -> None:
    fields = array(codec, BY_KIND[kind])
    fits = replaced(fields, path, letter * limit)
    data = json.dumps(fits, ensure_ascii=False).encode() if codec.is_text else wire(codec, fits)
    assert array(codec, codec.decode_client(data)) == fits
    with pytest.raises(BadFrame):
        codec.decode_client(wire(codec, replaced(fields, path, letter * (limit + 1))))


@CODEC
def test_64_positions_fit_a_frame(codec: Codec) -> None:
    frame = Beat(2**32 - 1, [(UUID(int=n), 2**53 - 1) for n in range(64)])
    assert codec.decode_client(codec.encode(frame)) == frame


def test_a_frame_is_at_most_64_kib_whatever_it_holds() -> None:
    data = JSON.encode(GOOD)
    assert JSON.decode_client(data.ljust(FRAME_BYTES)) == GOOD
    with pytest.raises(BadFrame, match="at most 65536 bytes"):
        JSON.decode_client(data.ljust(FRAME_BYTES + 1))


# --- versions --------------------------------------------------------------------------------------------------------


@CODEC
def test_a_client_ignores_fields_that_a_newer_server_adds_at_the_end(codec: Codec) -> None:
    assert codec.decode_server(wire(codec, [76, 9, "new", {"a": 1}] if codec.is_text else [76, 9, "new"])) == Done(9)
    conversation = str(CONVERSATION) if codec.is_text else CONVERSATION.bytes
    marks = codec.decode_server(wire(codec, [71, 0, conversation, [1, 7, 5, "new"]]))
    assert marks == Marks(0, CONVERSATION, MarkView(Role.VISITOR, 7, 5))


def test_a_server_refuses_fields_that_it_does_not_know() -> None:
    with pytest.raises(BadFrame):
        MSGPACK.decode_client(packed(19, 1, True, "new"))


@CODEC
def test_an_enumeration_takes_no_value_that_it_does_not_have(codec: Codec) -> None:
    conversation = str(CONVERSATION) if codec.is_text else CONVERSATION.bytes
    with pytest.raises(BadFrame):
        codec.decode_server(wire(codec, [71, 0, conversation, [3, 7, 5]]))


# --- anything at all -------------------------------------------------------------------------------------------------

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=256)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | texts | st.binary(max_size=20),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=12,
)


@CODEC
@given(data=st.binary(max_size=300))
def test_random_bytes_are_a_frame_or_refused(codec: Codec, data: bytes) -> None:
    for decode in (codec.decode_client, codec.decode_server):
        try:
            assert isinstance(decode(data), msgspec.Struct)
        except BadFrame:
            continue


@given(kind=st.sampled_from([*range(1, 20), *range(64, 79)]), fields=st.lists(values, max_size=8))
def test_random_fields_are_a_frame_or_refused(kind: int, fields: list[object]) -> None:
    data = packed(kind, *fields)
    for decode in (MSGPACK.decode_client, MSGPACK.decode_server):
        try:
            assert isinstance(decode(data), msgspec.Struct)
        except BadFrame:
            continue


@CODEC
@given(
    frame=st.sampled_from(CLIENT),
    place=st.integers(0, 10**6),
    bit=st.integers(0, 7),
)
def test_a_flipped_bit_gives_another_frame_or_none(codec: Codec, frame: ClientFrame, place: int, bit: int) -> None:
    data = bytearray(codec.encode(frame))
    data[place % len(data)] ^= 1 << bit
    try:
        read = codec.decode_client(bytes(data))
    except BadFrame:
        return
    assert codec.decode_client(codec.encode(read)) == read


@CODEC
@given(ref=st.integers(0, 2**32 - 1), name=texts, email=texts)
def test_every_text_comes_back_as_it_was(codec: Codec, ref: int, name: str, email: str) -> None:
    frame = Introduce(ref, name, email)
    assert codec.decode_client(codec.encode(frame)) == frame
