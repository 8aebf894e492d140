"""Hashes of passwords."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chat.accounts.passwords import CHEAPEST, PARAMETERS, Passwords


@pytest.fixture
def passwords() -> Iterator[Passwords]:
    passwords = Passwords(CHEAPEST, threads=1)
    yield passwords
    passwords.close()


async def test_production_hashes_with_what_owasp_asks_for() -> None:
    passwords = Passwords()
    assert (await passwords.hash("x")).startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert (PARAMETERS.hash_len, PARAMETERS.salt_len) == (32, 16)
    passwords.close()


async def test_only_the_same_password_opens_a_hash(passwords: Passwords) -> None:
    kept = await passwords.hash("one")
    assert await passwords.verify(kept, "one")
    assert not await passwords.verify(kept, "One")
    assert not await passwords.verify(kept, "")


async def test_two_hashes_of_one_password_differ(passwords: Passwords) -> None:
    assert await passwords.hash("one") != await passwords.hash("one")


async def test_the_same_letters_typed_differently_are_the_same(passwords: Passwords) -> None:
    assert await passwords.verify(await passwords.hash("é"), "e\u0301")
    assert await passwords.verify(await passwords.hash("ａ"), "a")


async def test_what_is_too_long_is_wrong_and_never_cut(passwords: Passwords) -> None:
    kept = await passwords.hash("x" * 1024)
    assert await passwords.verify(kept, "x" * 1024)
    assert not await passwords.verify(kept, "x" * 1025)
    assert not await passwords.verify(await passwords.hash("y"), "y" + "x" * 2000)


@pytest.mark.parametrize("kept", ["", "x", "$argon2id$broken", "$2b$12$abcdefghijklmnopqrstuv"])
async def test_a_damaged_hash_opens_for_nothing(passwords: Passwords, kept: str) -> None:
    assert not await passwords.verify(kept, "x")


async def test_half_a_character_is_wrong_and_breaks_nothing(passwords: Passwords) -> None:
    assert not await passwords.verify(await passwords.hash("x"), "\ud800")
