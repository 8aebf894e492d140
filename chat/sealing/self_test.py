"""Known answers, checked at every start: a build whose cipher differs must not touch a single record."""

from __future__ import annotations

from uuid import UUID

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from chat.errors import OperatorError, Tampered
from chat.sealing.envelope import message_binding, seal, unseal

_KEY = bytes(range(32))
_NONCE = bytes(range(12))
_TEXT = "您好, hello".encode()
_BINDING = message_binding(UUID(int=1), UUID(int=2), 7, 0, "body")
_BLOB = bytes.fromhex("01010001000102030405060708090a0b9aace676b51e684480e82748a08532de5c5de638c82af99725df21b921")


def self_test() -> None:
    """Seal and open the known answer. Raises OperatorError, so that nothing starts on a cipher that is not ours."""
    remedy = "Install the locked dependencies again (make run), which bring their own OpenSSL."
    try:
        key = AESGCMSIV(_KEY)
    except UnsupportedAlgorithm:
        raise OperatorError("This build of the cryptography package lacks AES-GCM-SIV.", remedy) from None
    if seal(key, _TEXT, binding=_BINDING, epoch=1, nonce=_NONCE) != _BLOB:
        raise OperatorError("Sealing gives another result than its known answer.", remedy)
    if unseal(key, _BLOB, binding=_BINDING) != _TEXT:
        raise OperatorError("A sealed known answer opens to another text.", remedy)
    try:
        unseal(key, _BLOB, binding=message_binding(UUID(int=1), UUID(int=2), 8, 0, "body"))
    except Tampered:
        return
    raise OperatorError("A message under another number was not refused.", remedy)
