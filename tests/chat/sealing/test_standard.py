"""AES-256-GCM-SIV as RFC 8452 defines it: its published answers, and the Wycheproof collection where it is at hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

WYCHEPROOF = Path(__file__).resolve().parents[4] / "shared" / "data" / "aes_gcm_siv_test.json"


class Answer(NamedTuple):
    """A published answer, hexadecimal."""

    key: str
    nonce: str
    aad: str
    plaintext: str
    result: str


_KEY = "01" + "00" * 31
_NONCE = "03" + "00" * 11

RFC_8452 = {
    "C.2 nothing": Answer(_KEY, _NONCE, "", "", "07f5f4169bbf55a8400cd47ea6fd400f"),
    "C.2 8 bytes": Answer(_KEY, _NONCE, "", "0100000000000000", "c2ef328e5c71c83b843122130f7364b761e0b97427e3df28"),
    "C.2 12 bytes": Answer(
        _KEY,
        _NONCE,
        "",
        "010000000000000000000000",
        "9aab2aeb3faa0a34aea8e2b18ca50da9ae6559e48fd10f6e5c9ca17e",
    ),
    "C.2 16 bytes": Answer(
        _KEY,
        _NONCE,
        "",
        "01000000000000000000000000000000",
        "85a01b63025ba19b7fd3ddfc033b3e76c9eac6fa700942702e90862383c6c366",
    ),
    "C.2 8 bytes, 1 bound": Answer(
        _KEY, _NONCE, "01", "0200000000000000", "1de22967237a813291213f267e3b452f02d01ae33e4ec854"
    ),
    "C.3 the counter wraps": Answer(
        "00" * 32,
        "00" * 12,
        "",
        "000000000000000000000000000000004db923dc793ee6497c76dcc03a98e108",
        "f3f80f2cf0cb2dd9c5984fcda908456cc537703b5ba70324a6793a7bf218d3eaffffffff000000000000000000000000",
    ),
}


@pytest.mark.parametrize("answer", RFC_8452.values(), ids=list(RFC_8452))
def test_the_published_answers(answer: Answer) -> None:
    key, nonce, aad, plaintext, result = map(bytes.fromhex, answer)
    cipher = AESGCMSIV(key)
    assert cipher.encrypt(nonce, plaintext, aad) == result
    assert cipher.decrypt(nonce, result, aad) == plaintext


def vectors() -> list[Any]:
    """The vectors with 256-bit keys, none where the collection is not beside the repository."""
    if not WYCHEPROOF.exists():
        return []
    groups = json.loads(WYCHEPROOF.read_text(encoding="utf-8"))["testGroups"]
    tests = [test for group in groups if group["keySize"] == 256 for test in group["tests"]]
    return [pytest.param(test, id=f"{test['tcId']}-{test['result']}") for test in tests]


@pytest.mark.parametrize("vector", vectors() or [pytest.param(None, marks=pytest.mark.skip("no vectors here"))])
def test_wycheproof(vector: dict[str, str]) -> None:
    cipher = AESGCMSIV(bytes.fromhex(vector["key"]))
    nonce, aad, message = (bytes.fromhex(vector[name]) for name in ("iv", "aad", "msg"))
    sealed = bytes.fromhex(vector["ct"] + vector["tag"])
    if vector["result"] == "valid":
        assert cipher.encrypt(nonce, message, aad) == sealed
        assert cipher.decrypt(nonce, sealed, aad) == message
    else:
        with pytest.raises(InvalidTag):
            cipher.decrypt(nonce, sealed, aad)
