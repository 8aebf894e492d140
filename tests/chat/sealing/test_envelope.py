"""The blob: its known answers, and that nothing but itself in its own place opens."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from hypothesis import given
from hypothesis import strategies as st

from chat.errors import OperatorError, Tampered
from chat.sealing import self_test as module
from chat.sealing.envelope import OVERHEAD, epoch_of, length_prefixed, message_binding, seal, unseal
from chat.sealing.self_test import self_test

KEY = AESGCMSIV(bytes(range(32)))
NONCE = bytes(range(12))
TEXT = "您好, hello".encode()
BINDING = message_binding(UUID(int=1), UUID(int=2), 7, 0, "body")
AAD = bytes.fromhex(
    "000000096c732f6d73672f7631"
    "0000001000000000000000000000000000000001"
    "0000001000000000000000000000000000000002"
    "000000080000000000000007"
    "0000000400000000"
    "00000004626f6479"
    "0000000401010001"
)
BLOB = bytes.fromhex("01010001000102030405060708090a0b9aace676b51e684480e82748a08532de5c5de638c82af99725df21b921")


# --- known answers ---------------------------------------------------------------------------------------------------


def test_the_known_answer_of_what_is_bound() -> None:
    assert length_prefixed(*BINDING, BLOB[:4]) == AAD


def test_the_known_answer_of_a_blob() -> None:
    assert seal(KEY, TEXT, binding=BINDING, epoch=1, nonce=NONCE) == BLOB
    assert unseal(KEY, BLOB, binding=BINDING) == TEXT
    assert len(BLOB) == len(TEXT) + OVERHEAD


def test_a_blob_is_plain_aes_gcm_siv_behind_its_header() -> None:
    assert bytes.fromhex("01010001") + NONCE + KEY.encrypt(NONCE, TEXT, AAD) == BLOB


# --- what does not open ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bit", range(len(BLOB) * 8))
def test_a_blob_with_any_bit_flipped_does_not_open(bit: int) -> None:
    flipped = bytearray(BLOB)
    flipped[bit // 8] ^= 1 << bit % 8
    with pytest.raises(Tampered):
        unseal(KEY, bytes(flipped), binding=BINDING)


@pytest.mark.parametrize("size", range(len(BLOB)))
def test_a_blob_cut_short_does_not_open(size: int) -> None:
    with pytest.raises(Tampered):
        unseal(KEY, BLOB[:size], binding=BINDING)


def test_a_longer_blob_does_not_open() -> None:
    with pytest.raises(Tampered):
        unseal(KEY, BLOB + b"\x00", binding=BINDING)


@pytest.mark.parametrize(
    "binding",
    [
        message_binding(UUID(int=9), UUID(int=2), 7, 0, "body"),
        message_binding(UUID(int=1), UUID(int=9), 7, 0, "body"),
        message_binding(UUID(int=2), UUID(int=1), 7, 0, "body"),
        message_binding(UUID(int=1), UUID(int=2), 8, 0, "body"),
        message_binding(UUID(int=1), UUID(int=2), 7, 1, "body"),
        message_binding(UUID(int=1), UUID(int=2), 7, 0, "name"),
        (b"ls/msg/v2", *BINDING[1:]),
        BINDING[:-1],
        (*BINDING, b""),
        (),
    ],
    ids=[
        "other workspace",
        "other conversation",
        "swapped",
        "other number",
        "other revision",
        "other field",
        "other label",
        "less",
        "more",
        "nothing",
    ],
)
def test_a_blob_opens_nowhere_but_where_it_belongs(binding: tuple[bytes, ...]) -> None:
    with pytest.raises(Tampered):
        unseal(KEY, BLOB, binding=binding)


def test_another_key_does_not_open_it() -> None:
    with pytest.raises(Tampered):
        unseal(AESGCMSIV(bytes(range(1, 33))), BLOB, binding=BINDING)


@pytest.mark.parametrize("suite", [0, 2, 3, 255])
@pytest.mark.parametrize("version", [0, 2, 255])
def test_an_unknown_version_or_suite_is_refused_before_any_key_is_tried(version: int, suite: int) -> None:
    for header in (bytes([version, 1]), bytes([1, suite])):
        with pytest.raises(Tampered, match=r"unknown blob version \d+, suite \d+"):
            epoch_of(header + BLOB[2:])


def test_the_epoch_stands_in_the_header_and_is_bound() -> None:
    for epoch in (0, 1, 258, 65_535):
        assert epoch_of(seal(KEY, TEXT, binding=BINDING, epoch=epoch, nonce=NONCE)) == epoch
    with pytest.raises(Tampered):
        unseal(KEY, BLOB[:2] + b"\x00\x02" + BLOB[4:], binding=BINDING)


@given(data=st.binary(max_size=100))
def test_random_bytes_never_open(data: bytes) -> None:
    with pytest.raises(Tampered):
        unseal(KEY, data, binding=BINDING)


# --- what is bound ---------------------------------------------------------------------------------------------------


@given(one=st.lists(st.binary(max_size=6), max_size=5), other=st.lists(st.binary(max_size=6), max_size=5))
def test_no_two_lists_of_parts_give_the_same_bytes(one: list[bytes], other: list[bytes]) -> None:
    assert (length_prefixed(*one) == length_prefixed(*other)) == (one == other)


@pytest.mark.parametrize(("seq", "revision"), [(-1, 0), (2**64, 0), (1, -1), (1, 2**32), (7.0, 0), ("7", 0)])
def test_a_number_that_no_message_has_is_tampering_too(seq: int, revision: int) -> None:
    """A database that was altered may hold anything in its place."""
    with pytest.raises(Tampered):
        message_binding(UUID(int=1), UUID(int=2), seq, revision, "body")


# --- at every start --------------------------------------------------------------------------------------------------


def test_the_cipher_of_this_machine_passes_its_self_test() -> None:
    self_test()


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("_TEXT", b"hello", "Sealing gives another result than its known answer."),
        ("_BLOB", bytes(48), "Sealing gives another result than its known answer."),
        ("seal", lambda *_, **__: BLOB[:-1], "Sealing gives another result than its known answer."),
        ("unseal", lambda *_, **__: b"hello", "A sealed known answer opens to another text."),
        ("unseal", lambda *_, **__: TEXT, "A message under another number was not refused."),
    ],
)
def test_nothing_starts_on_another_cipher(
    monkeypatch: pytest.MonkeyPatch, name: str, value: object, problem: str
) -> None:
    monkeypatch.setattr(module, name, value)
    with pytest.raises(OperatorError, match=re.escape(problem)):
        self_test()
