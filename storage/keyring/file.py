"""The key ring as a file of mode 0600: the secret that everything else is wrapped with.

JSON: ``version``, ``active`` (the key that wraps), ``keys`` (id → 32 bytes, base64), ``root`` (32 bytes from which
install-wide keys are derived) and ``check``, a MAC over all of it, so that a damaged ring is found at start and not
after it has sealed something that nothing can open.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hmac
import json
import os
import secrets
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from chat.errors import OperatorError, Tampered
from chat.sealing.envelope import NONCE_BYTES, seal, unseal

_VERSION = 1
_RESTORE = "Restore it from your backup; without it nothing that was sealed can be opened."


@dataclass(frozen=True, slots=True)
class FileKeyRing:
    """An opened ring. ``repr`` shows no secret."""

    active: str
    _keys: dict[str, AESGCMSIV] = field(repr=False)
    _root: bytes = field(repr=False)

    def wrap(self, key: bytes, *, bound: bytes) -> bytes:
        """See ``KeyRing``. AES-256-GCM-SIV (RFC 8452) under the active key: ``length u8 | id of that key | blob``.

        The id is bound too.
        """
        name = self.active.encode()
        blob = seal(
            self._keys[self.active], key, binding=(bound, name), epoch=0, nonce=secrets.token_bytes(NONCE_BYTES)
        )
        return bytes([len(name)]) + name + blob

    def unwrap(self, wrapped: bytes, *, bound: bytes) -> bytes:
        """See ``KeyRing``. Raises Tampered as it says, and for anything that ``wrap`` never gave."""
        size = wrapped[0] if wrapped else 0
        name, blob = wrapped[1 : 1 + size], wrapped[1 + size :]
        key = self._keys.get(name.decode("ascii", "replace"))
        if key is None:
            raise Tampered("the key ring does not hold the key that this was wrapped with")
        return unseal(key, blob, binding=(bound, name))

    def derive(self, purpose: str) -> bytes:
        """See ``KeyRing``. 32 bytes for one purpose, HKDF-SHA256 (RFC 5869) of the ring's root, without a salt."""
        return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"aican/" + purpose.encode()).derive(self._root)


def create_ring(path: Path) -> None:
    """Make a new ring, mode 0600, unless one is there. A crash leaves either no ring or a whole one.

    It and its name are on the disk (fsync) on return. Raises OperatorError when it cannot be written.
    """
    content: dict[str, Any] = {
        "version": _VERSION,
        "active": "k1",
        "keys": {"k1": _encoded(secrets.token_bytes(32))},
        "root": _encoded(secrets.token_bytes(32)),
    }
    content["check"] = _check(content)
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            _write(unfinished, content)
            _publish(unfinished, path)
        finally:
            unfinished.unlink(missing_ok=True)
    except OSError as error:
        raise OperatorError(
            f"Cannot write the key ring {path}: {error.strerror}.", "Make the folder writable."
        ) from error


def _write(path: Path, content: dict[str, Any]) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(content, file, indent=2)
        file.flush()
        os.fsync(file.fileno())


def _publish(unfinished: Path, path: Path) -> None:
    """Give the finished file its name; of two processes at once the first one's ring stays.

    The name is on the disk, too, before anything is sealed with the ring: what outlives its ring cannot be opened.
    """
    with contextlib.suppress(FileExistsError):
        os.link(unfinished, path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def is_there(path: Path) -> bool:
    """Whether there is a ring, whole or not, or a link where one should be: then none may be made."""
    return os.path.lexists(path)


def open_ring(path: Path) -> FileKeyRing:
    """The ring in this file.

    Raises OperatorError: missing, a link to nothing, readable by others, damaged, or of a later version.
    """
    content = _read(path)
    try:
        if content["version"] != _VERSION:
            raise OperatorError(
                f"The key ring {path} is of version {content['version']}.",
                "Install the Aican that wrote it, or a later one.",
            )
        keys = {str(name): AESGCMSIV(_decoded(secret)) for name, secret in content["keys"].items()}
        active, root, check = str(content["active"]), _decoded(content["root"]), str(content["check"])
        whole = hmac.compare_digest(check, _check(content)) and active in keys and len(root) == 32
    except (KeyError, TypeError, ValueError, AttributeError, binascii.Error):
        whole = False
    if not whole:
        raise OperatorError(f"The key ring {path} is damaged.", _RESTORE)
    return FileKeyRing(active, keys, root)


def _read(path: Path) -> Any:
    try:
        mode = path.stat().st_mode
        if mode & 0o077:
            raise OperatorError(
                f"The key ring {path} can be read by others (mode {mode & 0o777:04o}).", f"Run: chmod 600 {path}"
            )
        return json.loads(path.read_bytes())
    except FileNotFoundError:
        if path.is_symlink():
            raise OperatorError(
                f"The key ring {path} is a link to {path.readlink()}, where there is nothing.",
                "Restore the key ring there, or point AICAN_KEYRING at it.",
            ) from None
        raise OperatorError(
            f"There is no key ring at {path}.", "Start with `aican up`, or point AICAN_KEYRING at yours."
        ) from None
    except NotADirectoryError:
        above = next(each for each in path.parents if os.path.lexists(each))
        raise OperatorError(
            f"There is no key ring at {path}: {above} is a file.", "Correct AICAN_DATA_DIR or AICAN_KEYRING."
        ) from None
    except OSError as error:
        raise OperatorError(
            f"Cannot read the key ring {path}: {error.strerror}.", "Give this user the right to."
        ) from error
    except (ValueError, RecursionError):
        raise OperatorError(f"The key ring {path} is damaged.", _RESTORE) from None


def _check(content: dict[str, Any]) -> str:
    """A MAC over everything but itself, keyed by the root: finds damage, not forgery by who holds the file."""
    rest = {name: value for name, value in content.items() if name != "check"}
    canonical = json.dumps(rest, sort_keys=True, separators=(",", ":")).encode()
    return hmac.digest(_decoded(content["root"]), b"aican/keyring/check" + canonical, sha256).hex()


def _encoded(secret: bytes) -> str:
    return base64.b64encode(secret).decode()


def _decoded(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
