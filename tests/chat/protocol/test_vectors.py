"""The vectors that the Python and the TypeScript codec share."""

from __future__ import annotations

import json
from typing import Any, get_args

import pytest

from chat.protocol.codec import JSON, MSGPACK, BadFrame
from chat.protocol.frames import ClientFrame, ServerFrame
from tests.vectors.make_frames import CLIENT, FILE, SERVER, document

VECTORS: list[dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))
CASES = [
    pytest.param(vector, value, id=f"{index}-{vector['name']}")
    for index, (vector, value) in enumerate(zip(VECTORS, (*CLIENT, *SERVER), strict=True))
]


def test_the_file_is_what_the_script_makes() -> None:
    assert FILE.read_text(encoding="utf-8") == document()


def test_every_kind_of_frame_has_a_vector() -> None:
    kinds = {kind.__name__ for kind in get_args(ClientFrame) + get_args(ServerFrame)}
    assert {vector["name"] for vector in VECTORS} == kinds


@pytest.mark.parametrize(("vector", "value"), CASES)
def test_bytes_become_the_value_and_the_value_becomes_the_bytes(vector: dict[str, Any], value: ClientFrame) -> None:
    decode = MSGPACK.decode_client if vector["side"] == "client" else MSGPACK.decode_server
    assert decode(bytes.fromhex(vector["msgpack"])) == value
    assert MSGPACK.encode(value).hex() == vector["msgpack"]


@pytest.mark.parametrize(("vector", "value"), CASES)
def test_json_becomes_the_value_and_the_value_becomes_the_json(vector: dict[str, Any], value: ClientFrame) -> None:
    decode = JSON.decode_client if vector["side"] == "client" else JSON.decode_server
    assert decode(json.dumps(vector["json"]).encode()) == value
    assert json.loads(JSON.encode(value)) == vector["json"]


@pytest.mark.parametrize(("vector", "value"), CASES)
def test_a_frame_of_one_side_is_none_of_the_other_s(vector: dict[str, Any], value: ClientFrame) -> None:
    other = MSGPACK.decode_server if vector["side"] == "client" else MSGPACK.decode_client
    with pytest.raises(BadFrame):
        other(MSGPACK.encode(value))
