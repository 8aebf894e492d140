"""The sealed blob: AES-256-GCM-SIV (RFC 8452) with everything that says where it belongs as associated data.

``version u8 = 1 | suite u8 | epoch u16 BE | nonce 12 | ciphertext | tag 16``: 32 bytes more than the plaintext. The
epoch says which key opens it; keys are chosen by it, never by trial, and it is part of the associated data.
"""

from __future__ import annotations

import struct
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from chat.errors import Tampered
from chat.ids import Epoch

VERSION = 1
AES_256_GCM_SIV = 1
NONCE_BYTES = 12
OVERHEAD = 32
_HEADER = struct.Struct(">BBH")
_U32, _U64 = struct.Struct(">I"), struct.Struct(">Q")
_LENGTHS = [_U32.pack(size) for size in range(256)]
"""Nearly every part is short; making its length anew costs more than the part."""


def length_prefixed(*parts: bytes) -> bytes:
    """The parts, each behind its length as u32 BE: no two lists of parts give the same bytes."""
    pieces: list[bytes] = []
    for part in parts:
        size = len(part)
        pieces.append(_LENGTHS[size] if size < len(_LENGTHS) else _U32.pack(size))
        pieces.append(part)
    return b"".join(pieces)


def message_binding(workspace: UUID, conversation: UUID, seq: int, revision: int, field: str) -> tuple[bytes, ...]:
    """What a message's blob is bound to. Another conversation, number or revision does not open it.

    Raises Tampered for numbers that no message has: an altered database may hold anything in their place.
    """
    try:
        place = _U64.pack(seq), _U32.pack(revision)
    except struct.error:
        raise Tampered(f"no message has the number {seq!r} and the revision {revision!r}") from None
    return (b"ls/msg/v1", workspace.bytes, conversation.bytes, *place, field.encode())


def seal(key: AESGCMSIV, plaintext: bytes, *, binding: tuple[bytes, ...], epoch: int, nonce: bytes) -> bytes:
    """The blob of ``plaintext``: 32 bytes longer, under a key of 32 bytes, ``epoch`` 0 … 65535.

    ``nonce`` is 12 random bytes; should one ever repeat under a key, GCM-SIV leaks only equality (RFC 8452 §1).
    """
    header = _HEADER.pack(VERSION, AES_256_GCM_SIV, epoch)
    return header + nonce + key.encrypt(nonce, plaintext, length_prefixed(*binding, header))


def epoch_of(blob: bytes) -> Epoch:
    """Which epoch's key opens this blob. Raises Tampered for what is no blob of a known version and suite."""
    if len(blob) < OVERHEAD:
        raise Tampered("a sealed blob is at least 32 bytes")
    version, suite, epoch = _HEADER.unpack_from(blob)
    if (version, suite) != (VERSION, AES_256_GCM_SIV):
        raise Tampered(f"unknown blob version {version}, suite {suite}")
    return Epoch(epoch)


def unseal(key: AESGCMSIV, blob: bytes, *, binding: tuple[bytes, ...]) -> bytes:
    """The plaintext. Raises Tampered when a bit or any bound value differs, or it is no blob of this version."""
    epoch_of(blob)
    header, nonce, sealed = blob[:4], blob[4 : 4 + NONCE_BYTES], blob[4 + NONCE_BYTES :]
    try:
        return key.decrypt(nonce, sealed, length_prefixed(*binding, header))
    except InvalidTag:
        raise Tampered("this blob was altered, or does not belong where it was found") from None
