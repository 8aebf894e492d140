"""Password hashes: argon2id in its own threads, the same work for addresses that nobody has."""

from __future__ import annotations

import asyncio
import os
import secrets
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import Parameters, PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

PASSWORD_BYTES = 1024
"""Longest password, in UTF-8. It bounds what one try costs; longer ones are refused, never cut."""

PARAMETERS = Parameters(
    type=Type.ID,
    version=19,
    salt_len=16,
    hash_len=32,
    time_cost=2,
    memory_cost=19_456,
    parallelism=1,
)
"""argon2id (RFC 9106) with OWASP's Password Storage Cheat Sheet: 2 passes over 19 MiB, one lane. About 30 ms a core."""

CHEAPEST = Parameters(type=Type.ID, version=19, salt_len=8, hash_len=16, time_cost=1, memory_cost=8, parallelism=1)
"""For tests only: the least that the algorithm takes."""

_Result = TypeVar("_Result")


class Passwords:
    """Hashes and verifies. At most one hash a core at a time, so that a flood of tries costs neither memory nor the
    event loop. ``close`` it at the end."""

    def __init__(self, parameters: Parameters = PARAMETERS, *, threads: int | None = None) -> None:
        self._hasher = PasswordHasher.from_parameters(parameters)
        self._threads = ThreadPoolExecutor(threads or os.cpu_count() or 1, thread_name_prefix="argon2")
        self._nobodys = self._hasher.hash(secrets.token_hex(16))

    async def hash(self, password: str) -> str:
        """The encoded hash: ``$argon2id$v=…$m=…,t=…,p=…$salt$hash``, with a fresh salt of 16 bytes."""
        return await self._in_thread(lambda: self._hasher.hash(prepared(password)))

    async def verify(self, kept: str | None, password: str) -> bool:
        """Whether ``password`` made the hash ``kept``. None stands for an unknown address: it takes the same work
        on a hash that no password opens, and is False. So is a ``kept`` that is no argon2 hash."""
        return await self._in_thread(lambda: self._verified(kept or self._nobodys, password)) and kept is not None

    def is_outdated(self, kept: str) -> bool:
        """Whether it was made with other parameters than today's: hash again while the password is at hand.

        Raises ``argon2.exceptions.InvalidHashError`` for what is no hash; ask after ``verify`` said True.
        """
        return self._hasher.check_needs_rehash(kept)

    def close(self) -> None:
        """End the threads without waiting for them: what is being hashed is finished, what waits is cancelled."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _verified(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, prepared(password))
        except (VerificationError, InvalidHashError):
            return False

    async def _in_thread(self, work: Callable[[], _Result]) -> _Result:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)


def prepared(password: str) -> bytes:
    """The bytes that are hashed: NFKC (NIST SP 800-63B-4 §3.1.1.2), so that every keyboard types the same one.

    More than ``PASSWORD_BYTES`` become bytes that no accepted password gives: what is too long is simply wrong.
    """
    encoded = unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
    return encoded if len(encoded) <= PASSWORD_BYTES else b"\xff"
