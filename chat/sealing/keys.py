"""Keys ready for use, and those used last."""

from __future__ import annotations

import secrets
from collections import OrderedDict, deque

from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from chat.clock import Clock
from chat.ids import SubjectId
from chat.sealing.envelope import NONCE_BYTES, seal, unseal

CACHED_KEYS = 10_000
CACHE_SECONDS = 300.0
"""A key destroyed elsewhere is forgotten here at the latest after this time; erasure tells processes sooner."""
READY_CIPHERS = 2_000
"""Ciphers kept ready: one is 2.8 KiB, its key 32 bytes, and setting it up costs as much as sealing a message. Thousands
of conversations stay open; those in which somebody writes at one moment are fewer."""


class Key:
    """A key of 32 bytes. Its cipher is set up when it is first needed. ``repr`` shows no secret."""

    __slots__ = ("_cipher", "_secret")

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._cipher: AESGCMSIV | None = None

    @property
    def cipher(self) -> AESGCMSIV:
        """AES-256-GCM-SIV (RFC 8452) under this key."""
        if self._cipher is None:
            self._cipher = AESGCMSIV(self._secret)
        return self._cipher

    @property
    def is_ready(self) -> bool:
        """Whether its cipher is set up."""
        return self._cipher is not None

    def rest(self) -> None:
        """Give the cipher's memory back until it is needed again."""
        self._cipher = None

    def wrap(self, key: bytes, binding: tuple[bytes, ...]) -> bytes:
        """Another key's 32 bytes as a blob of 64, under this one; a fresh random nonce each time."""
        return seal(self.cipher, key, binding=binding, epoch=0, nonce=secrets.token_bytes(NONCE_BYTES))

    def unwrap(self, wrapped: bytes, binding: tuple[bytes, ...]) -> Key:
        """The key that ``wrap`` was given. Raises Tampered when the blob or ``binding`` differs."""
        return Key(unseal(self.cipher, wrapped, binding=binding))


class KeyCache:
    """The keys used last: 10,000 at most, each for 300 s; 2,000 of them with their ciphers."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._keys: OrderedDict[tuple[object, ...], tuple[float, Key]] = OrderedDict()
        self._ready: deque[Key] = deque()

    def get(self, name: tuple[object, ...]) -> Key | None:
        """The key put under this name within the last 300 s, None when there is none. Asking does not prolong that."""
        found = self._keys.get(name)
        if found is None:
            return None
        until, key = found
        if self._clock.monotonic() >= until:
            del self._keys[name]
            return None
        self._keys.move_to_end(name)
        if not key.is_ready:
            self._make_ready(key)
        return key

    def put(self, name: tuple[object, ...], key: Key) -> None:
        """Remember it. ``name`` starts with its kind and holds the subject it belongs to, by which it is forgotten.

        Ids stand in names as numbers: a UUID is hashed by a call of Python's, which would cost more than the look-up.
        """
        self._keys[name] = (self._clock.monotonic() + CACHE_SECONDS, key)
        self._keys.move_to_end(name)
        self._make_ready(key)
        if len(self._keys) > CACHED_KEYS:
            self._keys.popitem(last=False)

    def forget(self, subject: SubjectId) -> None:
        """Drop everything that belongs to a person."""
        for name in [name for name in self._keys if subject.int in name]:
            del self._keys[name]
        while self._ready:  # whose they are is not known; the others are ready again when they are asked for
            self._ready.popleft().rest()

    def _make_ready(self, key: Key) -> None:
        """It is about to be used: its cipher may stay; the one that has stayed longest goes."""
        self._ready.append(key)
        if len(self._ready) > READY_CIPHERS:
            self._ready.popleft().rest()
