"""Key ring → workspace → person → conversation: made once, found again, forgotten, destroyed."""

from __future__ import annotations

import asyncio
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.errors import Tampered, Unavailable
from chat.ids import ConversationId, Epoch, SubjectId
from chat.sealing.hierarchy import Hierarchy
from chat.sealing.keys import CACHE_SECONDS, CACHED_KEYS, READY_CIPHERS, Key, KeyCache
from storage.keyring.file import FileKeyRing
from tests.chat.sealing.keys import KeptKeys, a_ring
from tests.chat.sealing.values import CONVERSATION, OTHER_WORKSPACE, SUBJECT, WORKSPACE
from tests.clock import ManualClock

NOBODY = SubjectId(UUID(int=404))
SOME = b"\x07" * 12, b"some text"


def same(one: Key, other: Key) -> bool:
    """Whether two keys seal alike."""
    return one.cipher.encrypt(*SOME, None) == other.cipher.encrypt(*SOME, None)


@pytest.fixture
def ring(tmp_path: Path) -> FileKeyRing:
    return a_ring(tmp_path)


@pytest.fixture
def keys(ring: FileKeyRing, kept: KeptKeys, clock: ManualClock) -> Hierarchy:
    return Hierarchy(ring, kept, clock)


async def conversation_key(keys: Hierarchy, *, make: bool, epoch: int = 0) -> Key:
    return await keys.conversation(WORKSPACE, SUBJECT, CONVERSATION.id, Epoch(epoch), make=make)


# --- made and found --------------------------------------------------------------------------------------------------


async def test_a_key_that_was_made_is_found_by_every_process(
    keys: Hierarchy, ring: FileKeyRing, kept: KeptKeys, clock: ManualClock
) -> None:
    made = await conversation_key(keys, make=True)
    assert (len(kept.workspaces), len(kept.persons), len(kept.conversations)) == (1, 1, 1)
    other_process = Hierarchy(ring, kept, clock)
    assert same(await conversation_key(other_process, make=False), made)
    assert not same(await other_process.person(WORKSPACE, SUBJECT, make=False), made)


async def test_no_two_conversations_persons_or_epochs_share_a_key(keys: Hierarchy) -> None:
    found = [
        await keys.conversation(WORKSPACE, subject, conversation, Epoch(epoch), make=True)
        for subject, conversation, epoch in (
            (SUBJECT, ConversationId(UUID(int=2)), 0),
            (SUBJECT, ConversationId(UUID(int=2)), 1),
            (SUBJECT, ConversationId(UUID(int=3)), 0),
            (SubjectId(UUID(int=5)), ConversationId(UUID(int=6)), 0),
        )
    ]
    found += [await keys.person(WORKSPACE, subject, make=True) for subject in (SUBJECT, SubjectId(UUID(int=5)))]
    assert len({key.cipher.encrypt(*SOME, None) for key in found}) == 6


async def test_two_processes_that_make_the_same_key_at_once_end_with_the_same(
    ring: FileKeyRing, kept: KeptKeys, clock: ManualClock
) -> None:
    processes = [Hierarchy(ring, kept, clock) for _ in range(5)]
    found = await asyncio.gather(*(conversation_key(each, make=True) for each in processes))
    assert all(same(each, found[0]) for each in found)
    assert (len(kept.workspaces), len(kept.persons), len(kept.conversations)) == (1, 1, 1)


async def test_opening_makes_no_key(keys: Hierarchy, kept: KeptKeys) -> None:
    with pytest.raises(Tampered):
        await conversation_key(keys, make=False)
    assert not kept.workspaces
    await keys.person(WORKSPACE, SUBJECT, make=True)
    with pytest.raises(Tampered, match="there is no key of this conversation"):
        await conversation_key(keys, make=False)
    with pytest.raises(Tampered, match="there is no key of this person"):
        await keys.person(WORKSPACE, NOBODY, make=False)
    assert not kept.conversations


async def test_a_store_that_is_away_is_no_missing_key(keys: Hierarchy, kept: KeptKeys) -> None:
    kept.is_away = True
    for make in (True, False):
        with pytest.raises(Unavailable):
            await conversation_key(keys, make=make)
    kept.is_away = False
    await conversation_key(keys, make=True)


# --- bound to whom they belong ---------------------------------------------------------------------------------------


async def test_a_wrapped_key_does_not_open_in_another_s_place(
    keys: Hierarchy, kept: KeptKeys, ring: FileKeyRing, clock: ManualClock
) -> None:
    elsewhere = ConversationId(UUID(int=22))
    await conversation_key(keys, make=True)
    await keys.person(OTHER_WORKSPACE, SubjectId(UUID(int=5)), make=True)
    kept.persons[NOBODY] = kept.persons[SUBJECT]
    kept.conversations[elsewhere, Epoch(0)] = kept.conversations[CONVERSATION.id, Epoch(0)]
    kept.conversations[CONVERSATION.id, Epoch(1)] = kept.conversations[CONVERSATION.id, Epoch(0)]
    fresh = Hierarchy(ring, kept, clock)
    for attempt in (
        fresh.person(OTHER_WORKSPACE, SUBJECT, make=False),
        fresh.person(WORKSPACE, NOBODY, make=False),
        fresh.conversation(WORKSPACE, SUBJECT, elsewhere, Epoch(0), make=False),
        fresh.conversation(WORKSPACE, SUBJECT, CONVERSATION.id, Epoch(1), make=False),
    ):
        with pytest.raises(Tampered):
            await attempt


async def test_a_workspace_s_key_is_no_other_workspace_s(
    keys: Hierarchy, kept: KeptKeys, ring: FileKeyRing, clock: ManualClock
) -> None:
    await conversation_key(keys, make=True)
    kept.workspaces[OTHER_WORKSPACE] = kept.workspaces[WORKSPACE]
    with pytest.raises(Tampered):
        await Hierarchy(ring, kept, clock).person(OTHER_WORKSPACE, NOBODY, make=True)


async def test_another_key_ring_opens_nothing(
    keys: Hierarchy, kept: KeptKeys, tmp_path: Path, clock: ManualClock
) -> None:
    await conversation_key(keys, make=True)
    stranger = Hierarchy(a_ring(tmp_path, "another.json"), kept, clock)
    with pytest.raises(Tampered):
        await conversation_key(stranger, make=True)


# --- cached, forgotten, destroyed ------------------------------------------------------------------------------------


async def test_a_key_is_read_once_and_again_after_300_s(keys: Hierarchy, kept: KeptKeys, clock: ManualClock) -> None:
    await conversation_key(keys, make=True)
    before = kept.reads
    clock.advance(CACHE_SECONDS - 0.5)
    await conversation_key(keys, make=False)
    assert kept.reads == before
    clock.advance(0.5)
    await conversation_key(keys, make=False)
    assert kept.reads == before + 3


async def test_using_a_key_does_not_keep_it_longer(keys: Hierarchy, kept: KeptKeys, clock: ManualClock) -> None:
    await conversation_key(keys, make=True)
    kept.persons.clear()
    for _ in range(3):
        await conversation_key(keys, make=False)
        clock.advance(CACHE_SECONDS / 3)
    with pytest.raises(Tampered):
        await conversation_key(keys, make=False)


async def test_forgetting_a_person_forgets_their_conversations_and_nobody_else_s(
    keys: Hierarchy, kept: KeptKeys
) -> None:
    await conversation_key(keys, make=True)
    other = await keys.person(WORKSPACE, NOBODY, make=True)
    before = kept.reads
    keys.cache.forget(SUBJECT)
    assert await keys.person(WORKSPACE, NOBODY, make=False) is other
    assert kept.reads == before
    await conversation_key(keys, make=False)
    assert kept.reads == before + 2


async def test_once_a_person_s_key_is_destroyed_nothing_of_theirs_opens(
    keys: Hierarchy, kept: KeptKeys, ring: FileKeyRing, clock: ManualClock
) -> None:
    await conversation_key(keys, make=True)
    del kept.persons[SUBJECT]
    keys.cache.forget(SUBJECT)
    for process in (keys, Hierarchy(ring, kept, clock)):
        with pytest.raises(Tampered):
            await conversation_key(process, make=False)
        with pytest.raises(Tampered):
            await process.person(WORKSPACE, SUBJECT, make=False)


async def test_a_message_in_an_old_conversation_makes_no_new_key_for_a_person_who_was_erased(
    keys: Hierarchy, kept: KeptKeys, ring: FileKeyRing, clock: ManualClock
) -> None:
    await conversation_key(keys, make=True)
    del kept.persons[SUBJECT]
    with pytest.raises(Tampered, match="there is no key of this person"):
        await conversation_key(Hierarchy(ring, kept, clock), make=True)
    assert not kept.persons


async def test_a_new_key_of_a_person_brings_nothing_old_back(
    keys: Hierarchy, kept: KeptKeys, ring: FileKeyRing, clock: ManualClock
) -> None:
    await conversation_key(keys, make=True)
    del kept.persons[SUBJECT]
    fresh = Hierarchy(ring, kept, clock)
    await fresh.person(WORKSPACE, SUBJECT, make=True)
    for make in (False, True):
        with pytest.raises(Tampered):
            await conversation_key(fresh, make=make)


def test_the_cache_holds_10000_keys_and_drops_the_one_used_longest_ago(clock: ManualClock) -> None:
    cache, key = KeyCache(clock), Key(bytes(32))
    for name in range(CACHED_KEYS):
        cache.put((name,), key)
    assert cache.get((0,)) is key  # used just now
    cache.put(("one more",), key)
    assert cache.get((1,)) is None
    assert cache.get((0,)) is key
    assert cache.get(("one more",)) is key


def test_the_ciphers_of_2000_keys_stay_ready_and_the_others_are_when_they_are_asked_for(clock: ManualClock) -> None:
    cache, keys = KeyCache(clock), [Key(bytes([number % 256]) * 32) for number in range(READY_CIPHERS + 10)]
    for number, key in enumerate(keys):
        cache.put((number,), key)
        key.wrap(bytes(32), ())
    assert [key.is_ready for key in keys] == [False] * 10 + [True] * READY_CIPHERS
    first = cache.get((0,))
    assert first is keys[0]
    sealed = first.wrap(bytes(32), (b"a binding",))
    assert keys[0].is_ready
    assert not keys[10].is_ready, "the one that had stayed longest"
    assert Key(bytes(32)).unwrap(sealed, (b"a binding",)) is not first


def test_a_person_who_is_forgotten_leaves_no_cipher_behind(clock: ManualClock) -> None:
    cache, theirs, others = KeyCache(clock), Key(bytes(32)), Key(bytes(32))
    cache.put(("person", SUBJECT.int), theirs)
    cache.put(("person", "somebody else"), others)
    theirs.wrap(bytes(32), ())
    others.wrap(bytes(32), ())
    cache.forget(SUBJECT)
    assert not theirs.is_ready
    assert cache.get(("person", SUBJECT.int)) is None
    assert cache.get(("person", "somebody else")) is others


@given(names=st.lists(st.integers(0, 5), max_size=20))
def test_a_cache_gives_what_was_put_last(names: list[int]) -> None:
    cache, last = KeyCache(ManualClock()), dict[int, Key]()
    for name in names:
        last[name] = Key(bytes(32))
        cache.put((name,), last[name])
    assert all(cache.get((name,)) is key for name, key in last.items())


def test_a_key_shows_nothing_of_itself(tmp_path: Path) -> None:
    assert "bytes" not in repr(a_ring(tmp_path))
    assert repr(a_ring(tmp_path)) == "FileKeyRing(active='k1')"
