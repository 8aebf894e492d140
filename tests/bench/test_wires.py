"""What the generator writes is what the systems' own clients would."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from websockets.frames import Frame, Opcode
from websockets.protocol import Protocol, Side, State

from chat.protocol.codec import MSGPACK
from chat.protocol.frames import Accepted, Beat, Goodbye, Post
from tests.bench.aican.wire import AicanWire
from tests.bench.load.line import BINARY, TEXT, frame
from tests.bench.load.texts import BYTES, Texts, sized
from tests.bench.load.wire import Meaning, Seat
from tests.bench.peers.wire import SocketIoWire, greeting

CONVERSATION = uuid4()


def unframed(wire: bytes, opcode: Opcode) -> bytes:
    """The payload, as a strict server reads it."""
    server = Protocol(Side.SERVER, state=State.OPEN, max_size=2**20)
    server.receive_data(wire)
    (event,) = server.events_received()
    assert isinstance(event, Frame)
    assert event.opcode is opcode
    return bytes(event.data)


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536])
def test_a_frame_of_any_length_is_one_that_servers_read(size: int) -> None:
    assert unframed(frame(BINARY, b"x" * size), Opcode.BINARY) == b"x" * size


@pytest.mark.parametrize("text", [Texts().next(), sized(7), sized(700)], ids=["usual", "short", "long"])
def test_a_post_is_the_products_own_with_a_name_that_comes_back(text: bytes) -> None:
    wire = AicanWire()
    name, written = wire.post(Seat(1, b"", CONVERSATION.bytes), text)
    said = MSGPACK.decode_client(unframed(written, Opcode.BINARY))
    assert isinstance(said, Post)
    assert (said.conversation, said.client_id.bytes, said.text) == (CONVERSATION, name, text.decode())
    answer = MSGPACK.encode(Accepted(1, CONVERSATION, said.client_id, 300, 1_767_225_600_000))
    assert wire.meaning(answer) is Meaning.ACKNOWLEDGED
    assert name in answer


def test_a_beat_names_the_seats_conversation() -> None:
    beat = MSGPACK.decode_client(unframed(AicanWire().beat(Seat(1, b"", CONVERSATION.bytes)), Opcode.BINARY))
    assert beat == Beat(0, [(CONVERSATION, 0)])


def test_a_goodbye_says_how_long_to_stay_away() -> None:
    goodbye = MSGPACK.encode(Goodbye(0, 4000, "This server is restarting.", "resume", 1_500))
    assert AicanWire().meaning(goodbye) is Meaning.REFUSED
    assert AicanWire().wait_s(goodbye) == 1.5


def test_names_are_never_used_twice() -> None:
    seat, text = Seat(1, b"", CONVERSATION.bytes), Texts().next()
    for wires in ((AicanWire(), AicanWire()), (SocketIoWire(), SocketIoWire())):
        names = [wire.post(seat, text)[0] for wire in wires for _ in range(1_000)]
        assert len(set(names)) == 2_000


def test_texts_are_a_hundred_plain_bytes_and_never_alike() -> None:
    texts = Texts()
    said = [texts.next() for _ in range(10_000)]
    assert {len(text) for text in said} == {BYTES}
    assert len(set(said)) == len(said)
    assert all(text.isascii() and b'"' not in text for text in said)


def test_socketio_asks_for_an_acknowledgement_and_knows_it() -> None:
    wire = SocketIoWire()
    text = Texts().next()
    name, written = wire.post(Seat(1, b"", b""), text)
    packet = unframed(written, Opcode.TEXT).decode()
    number, bracket, event = packet.removeprefix("42").partition("[")
    assert json.loads(bracket + event) == ["post", {"id": name.decode(), "text": text.decode()}]
    answer = f'43{number}[{{"id":"{name.decode()}"}}]'.encode()
    assert wire.meaning(answer) is Meaning.ACKNOWLEDGED
    assert name in answer


def test_socketio_connects_when_the_server_has_opened_and_answers_its_pings() -> None:
    wire, seat = SocketIoWire(), Seat(1, greeting("abc"), b"abc")
    opened = b'0{"sid":"x","upgrades":[],"pingInterval":25000,"pingTimeout":20000}'
    assert wire.meaning(opened) is wire.meaning(b"2") is Meaning.QUESTION
    assert unframed(wire.answer(seat, opened), Opcode.TEXT) == b'40{"conversation":"abc"}'
    assert unframed(wire.answer(seat, b"2"), Opcode.TEXT) == b"3"
    assert wire.meaning(b'40{"sid":"y"}') is Meaning.WELCOME
    assert wire.meaning(b'42["message",{"_id":"1"}]') is Meaning.MESSAGE
    assert wire.meaning(b'44{"message":"no"}') is Meaning.REFUSED
    assert wire.opcode() == TEXT
