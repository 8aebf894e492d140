"""Fields that say something of a person, sealed under that person's key; and the blind index to find an address."""

from __future__ import annotations

import hmac
import secrets
import unicodedata
from hashlib import sha256
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from chat.ids import SubjectId, WorkspaceId
from chat.sealing.envelope import NONCE_BYTES, length_prefixed, seal, unseal
from chat.sealing.hierarchy import Hierarchy

INDEX_BYTES = 16
DIRECTORY = UUID(int=0)
"""Accounts are found by address before their workspace is known, so their index spans the install."""


class PersonalFields:
    """Seals and opens single fields of a person's record."""

    def __init__(self, keys: Hierarchy, index_root: bytes) -> None:
        self._keys = keys
        self._email_key = index_key(index_root, DIRECTORY, "email")

    async def seal(self, workspace: WorkspaceId, subject: SubjectId, field: str, text: str) -> bytes:
        """The sealed field; empty text gives empty bytes, which say no more than that nothing is known.

        Makes the person's key when there is none. Raises Tampered when a key above does not open it.
        """
        if not text:
            return b""
        key = await self._keys.person(workspace, subject, make=True)
        nonce = secrets.token_bytes(NONCE_BYTES)
        return seal(key.cipher, text.encode(), binding=_binding(workspace, subject, field), epoch=0, nonce=nonce)

    async def open(self, workspace: WorkspaceId, subject: SubjectId, field: str, blob: bytes) -> str:
        """The text, empty for empty bytes. Raises Tampered when it is another person's, another field's, or altered,
        or the person's key was destroyed."""
        if not blob:
            return ""
        key = await self._keys.person(workspace, subject, make=False)
        return unseal(key.cipher, blob, binding=_binding(workspace, subject, field)).decode()

    def email_index(self, email: str) -> bytes:
        """What an address is found by: 16 bytes that only holders of the key ring can compute."""
        return blind_index(self._email_key, normalised_email(email))


def normalised_email(email: str) -> str:
    """One spelling for look-up: NFKC, case folded, without surrounding space. Normalising twice changes nothing."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", email).casefold()).strip()


def index_key(root: bytes, workspace: UUID, field: str) -> bytes:
    """The key of one field's blind index, 32 bytes: HKDF-SHA256 (RFC 5869), salt of 32 zero bytes."""
    info = length_prefixed(b"ls/bidx/v1", workspace.bytes, field.encode())
    return HKDF(algorithm=SHA256(), length=32, salt=bytes(32), info=info).derive(root)


def blind_index(key: bytes, normalised: str) -> bytes:
    """HMAC-SHA256 (RFC 2104) of the normalised value, cut to 16 bytes.

    Equal values give equal indexes, and nothing else shows.
    """
    return hmac.digest(key, normalised.encode(), sha256)[:INDEX_BYTES]


def _binding(workspace: WorkspaceId, subject: SubjectId, field: str) -> tuple[bytes, ...]:
    return (b"ls/field/v1", workspace.bytes, subject.bytes, field.encode())
