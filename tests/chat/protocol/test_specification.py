"""PROTOCOL.md is true: its examples are executed, and its tables are what the code does."""

from __future__ import annotations

import json
from enum import IntEnum
from typing import get_args

import msgspec
import pytest

from chat.protocol import frames
from chat.protocol.catalogue import CLOSURES, REFUSALS, Closure, Refusal, Then
from chat.protocol.codec import CODECS, FRAME_BYTES, JSON, MSGPACK, SERVER_FRAME_BYTES
from chat.protocol.session import ALLOWED, GREETING_BYTES, GREETING_S, NEXT, SILENCE_S, Phase
from gateway.socket.connection import WAITING_FRAMES
from tests.chat.protocol.specification import PROSE, Example, coded, examples, tables, written

CLIENT: tuple[type[msgspec.Struct], ...] = get_args(frames.ClientFrame)
SERVER: tuple[type[msgspec.Struct], ...] = get_args(frames.ServerFrame)


def kind(frame: type[msgspec.Struct]) -> int:
    tag = frame.__struct_config__.tag
    assert isinstance(tag, int)
    return tag


# --- examples --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.name)
def test_an_example_reads_as_the_same_frame_from_both_forms(example: Example) -> None:
    is_client = getattr(frames, example.name) in CLIENT
    packed, text = (codec.decode_client if is_client else codec.decode_server for codec in (MSGPACK, JSON))
    frame = packed(example.msgpack)
    assert type(frame).__name__ == example.name
    assert text(example.json.encode()) == frame


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.name)
def test_an_example_is_written_as_the_specification_shows_it(example: Example) -> None:
    is_client = getattr(frames, example.name) in CLIENT
    frame = (MSGPACK.decode_client if is_client else MSGPACK.decode_server)(example.msgpack)
    assert MSGPACK.encode(frame) == example.msgpack
    assert JSON.encode(frame).decode() == example.json
    assert json.loads(example.json)[0] == kind(type(frame))


def test_examples_come_from_both_sides() -> None:
    names = {example.name for example in examples()}
    assert names & {frame.__name__ for frame in CLIENT}
    assert names & {frame.__name__ for frame in SERVER}


# --- frames ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("title", "side"), [("From clients", CLIENT), ("From servers", SERVER)])
def test_the_table_of_kinds_is_the_code(title: str, side: tuple[type[msgspec.Struct], ...]) -> None:
    (rows,) = tables(title)
    in_table = [(int(row["kind"]), row["name"], written(row["fields after `ref`"])) for row in rows]
    assert in_table == [(kind(frame), frame.__name__, coded(frame)) for frame in side]


@pytest.mark.parametrize("frame", [*CLIENT, *SERVER], ids=lambda frame: frame.__name__)
def test_every_frame_begins_with_its_ref(frame: type[msgspec.Struct]) -> None:
    assert frame.__struct_fields__[0] == "ref"


def test_no_two_frames_share_a_kind() -> None:
    assert len({kind(frame) for frame in (*CLIENT, *SERVER)}) == len(CLIENT) + len(SERVER)


def test_the_table_says_who_sends_what() -> None:
    (rows,) = tables("From clients")
    for row in rows:
        frame = getattr(frames, row["name"])
        greeted = NEXT.get(frame)
        may = {phase for phase in (Phase.VISITOR, Phase.AGENT) if greeted is phase or frame in ALLOWED[phase]}
        assert (
            {Phase.VISITOR: "visitor", Phase.AGENT: "agent"}[may.pop()] == row["who"]
            if len(may) == 1
            else (row["who"] == "both" and may == {Phase.VISITOR, Phase.AGENT})
        ), row["name"]


def test_the_table_of_parts_is_the_code() -> None:
    parts, _ = tables("Parts")
    assert [row["part"] for row in parts] == [
        part.__name__
        for part in (
            frames.Page,
            frames.Conduct,
            frames.Person,
            frames.VisitorView,
            frames.MessageView,
            frames.MarkView,
            frames.ConversationView,
            frames.SiteView,
        )
    ]
    for row in parts:
        assert written(row["fields"]) == coded(getattr(frames, row["part"])), row["part"]


def test_the_table_of_enumerations_is_the_code() -> None:
    _, enumerations = tables("Parts")
    assert {row["enumeration"] for row in enumerations} == {"Role", "State", "Kind"}
    for row in enumerations:
        values: type[IntEnum] = getattr(frames, row["enumeration"])
        listed = [part.split()[:2] for part in row["values"].split(", ")]
        assert listed == [[str(value.value), value.name.lower()] for value in values], row["enumeration"]


# --- refusals and closures -------------------------------------------------------------------------------------------


def test_the_table_of_refusals_is_the_catalogue() -> None:
    (rows,) = tables("Refusals")
    assert [(int(row["code"]), row["name"], row["then"], row["text"]) for row in rows] == [
        (refusal.code, refusal.name, refusal.then.value, refusal.text) for refusal in REFUSALS
    ]


def test_the_table_of_closures_is_the_catalogue() -> None:
    (rows,) = tables("Closures")
    assert [(int(row["code"]), row["name"], row["then"], row["text"]) for row in rows] == [
        (closure.code, closure.name, closure.then.value, closure.text) for closure in CLOSURES
    ]


@pytest.mark.parametrize("entry", [*REFUSALS, *CLOSURES], ids=lambda entry: entry.name)
def test_every_refusal_and_closure_has_a_code_and_a_name_of_its_own(entry: Refusal | Closure) -> None:
    every: tuple[Refusal | Closure, ...] = (*REFUSALS, *CLOSURES)
    alike = [each for each in every if each.code == entry.code or each.name == entry.name]
    assert alike == [entry]


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.name)
def test_a_refusal_says_when_to_retry_exactly_where_it_asks_for_it(refusal: Refusal) -> None:
    assert (refusal.retry_after_ms is not None) == (refusal.then is Then.RETRY)


@pytest.mark.parametrize("closure", CLOSURES, ids=lambda closure: closure.name)
def test_codes_below_4500_come_back_and_those_above_stay_away(closure: Closure) -> None:
    assert 4000 <= closure.code <= 4999
    assert (closure.code >= 4500) == (closure.then is Then.STOP)


@pytest.mark.parametrize("closure", CLOSURES, ids=lambda closure: closure.name)
def test_a_closure_s_text_fits_a_close_frame(closure: Closure) -> None:
    assert len(closure.text.encode()) <= 123  # RFC 6455 §5.5: 125 bytes with the code


# --- numbers in the prose --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sentence",
    [
        f"A client's frame is at most {FRAME_BYTES // 1024} KiB, its first frame at most {GREETING_BYTES // 1024} KiB",
        f"a server's frame is at most {SERVER_FRAME_BYTES // 1024**2} MiB",
        f"The first frame comes within {GREETING_S:.0f} s",
        f"closes with 4001 after {SILENCE_S:.0f} s of silence",
        f"`text` at most {frames.TEXT_CHARACTERS:,}",
        f"While {WAITING_FRAMES} frames of a connection wait, the server reads no more from it",
    ],
)
def test_the_prose_names_the_code_s_numbers(sentence: str) -> None:
    assert sentence in PROSE


def test_the_table_of_subprotocols_is_the_code() -> None:
    (rows,) = tables("Connection")
    assert [row["subprotocol"].strip("`") for row in rows] == list(CODECS)
    assert [row["frames"].startswith("text") for row in rows] == [codec.is_text for codec in CODECS.values()]
