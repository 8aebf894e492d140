"""A message opens as what its sender's gateway sealed, in its own place, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from chat.errors import Tampered
from chat.ids import ClientId, ConversationId, Epoch, Seq, VisitorId
from chat.model import Actor, Conversation, Kind, MessageView, Role, Sealed
from chat.sealing.envelope import epoch_of, message_binding, seal
from chat.sealing.hierarchy import Hierarchy
from chat.sealing.keys import Key
from chat.sealing.messages import MessageSealer, opened_under, sealed_under
from tests.chat.sealing.keys import KeptKeys, a_ring
from tests.chat.sealing.values import (
    ADA,
    CONVERSATION,
    OTHER_WORKSPACE,
    SAYS_ADA,
    SAYS_SYSTEM,
    SAYS_VISITOR,
    TEXT,
    VISITOR,
    numbered,
)
from tests.clock import ManualClock

KEY = Key(bytes(range(32)))
NONCE = bytes(range(12))


@pytest.fixture
def sealer(tmp_path: Path, kept: KeptKeys) -> MessageSealer:
    return MessageSealer(Hierarchy(a_ring(tmp_path), kept, ManualClock()))


# --- there and back --------------------------------------------------------------------------------------------------


async def test_a_message_opens_as_it_was_sealed(sealer: MessageSealer) -> None:
    sealed = await sealer.seal(CONVERSATION, numbered())
    opened = await sealer.open(CONVERSATION, sealed)
    assert opened == MessageView(7, UUID(int=5), Kind.TEXT, Role.VISITOR, VISITOR, 1_767_225_600_000, TEXT)


@pytest.mark.parametrize(
    ("author", "kind", "role", "who"),
    [
        (SAYS_VISITOR, Kind.TEXT, Role.VISITOR, VISITOR),
        (SAYS_ADA, Kind.JOINED, Role.AGENT, ADA),
        (SAYS_SYSTEM, Kind.VOID, Role.SYSTEM, None),
    ],
)
async def test_its_author_and_kind_are_inside_the_seal(
    sealer: MessageSealer, author: Actor, kind: Kind, role: Role, who: UUID | None
) -> None:
    sealed = await sealer.seal(CONVERSATION, numbered(author=author, kind=kind))
    opened = await sealer.open(CONVERSATION, sealed)
    assert (opened.role, opened.author, opened.kind) == (role, who, kind)


async def test_what_was_sealed_here_a_moment_ago_is_shown_once_without_its_key_and_then_opened_with_it(
    sealer: MessageSealer,
) -> None:
    sealed = await sealer.seal(CONVERSATION, numbered())
    opened = await sealer.open(CONVERSATION, sealed)
    assert sealer.open_now(CONVERSATION, sealed) == opened
    assert sealer.open_now(CONVERSATION, sealed) == opened, "the key is at hand"


async def test_without_a_key_at_hand_nothing_is_opened_now(sealer: MessageSealer, tmp_path: Path) -> None:
    sealed = await sealer.seal(CONVERSATION, numbered())
    elsewhere = MessageSealer(Hierarchy(a_ring(tmp_path), KeptKeys(), ManualClock()))
    assert elsewhere.open_now(CONVERSATION, sealed) is None


@pytest.mark.parametrize(
    "harm",
    [
        lambda sealed: structs.replace(sealed, seq=Seq(8)),
        lambda sealed: structs.replace(sealed, at=1),
        lambda sealed: structs.replace(sealed, client_id=ClientId(UUID(int=99))),
        lambda sealed: structs.replace(sealed, blob=sealed.blob[:-1] + bytes([sealed.blob[-1] ^ 1])),
    ],
)
async def test_what_was_sealed_here_a_moment_ago_and_altered_since_does_not_open_now(
    sealer: MessageSealer, harm: Callable[[Sealed], Sealed]
) -> None:
    sealed = await sealer.seal(CONVERSATION, numbered())
    with pytest.raises(Tampered):
        sealer.open_now(CONVERSATION, harm(sealed))


async def test_what_was_sealed_for_one_visitor_is_not_shown_as_anothers(sealer: MessageSealer) -> None:
    sealed = await sealer.seal(CONVERSATION, numbered())
    assert sealer.open_now(structs.replace(CONVERSATION, visitor=VisitorId(UUID(int=77))), sealed) is None


@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=300), seq=st.integers(1, 2**53 - 1))
def test_any_text_under_any_number_comes_back(text: str, seq: int) -> None:
    opened = opened_under(KEY, sealed_under(KEY, CONVERSATION, numbered(text, seq=seq), NONCE))
    assert (opened.body, opened.seq) == (text, seq)


async def test_what_stores_see_holds_nothing_of_the_text_or_its_author(sealer: MessageSealer) -> None:
    sealed = await sealer.seal(CONVERSATION, numbered("sixteen tons of number nine coal"))
    assert b"sixteen" not in sealed.blob
    assert VISITOR.bytes not in sealed.blob
    assert "sixteen" not in repr(sealed)


async def test_the_same_text_is_sealed_differently_each_time(sealer: MessageSealer) -> None:
    blobs = {(await sealer.seal(CONVERSATION, numbered())).blob for _ in range(100)}
    assert len({blob[4:16] for blob in blobs}) == 100
    assert len({blob[16:] for blob in blobs}) == 100


# --- altered, moved, renumbered --------------------------------------------------------------------------------------

CHANGED: dict[str, Callable[[Sealed], Sealed]] = {
    "altered": lambda sealed: structs.replace(
        sealed, blob=sealed.blob[:-20] + bytes([sealed.blob[-20] ^ 1]) + sealed.blob[-19:]
    ),
    "renumbered": lambda sealed: structs.replace(sealed, seq=Seq(8)),
    "numbered below nothing": lambda sealed: structs.replace(sealed, seq=Seq(-7)),
    "another revision": lambda sealed: structs.replace(sealed, revision=1),
    "another workspace": lambda sealed: structs.replace(sealed, workspace=OTHER_WORKSPACE),
    "another client id": lambda sealed: structs.replace(sealed, client_id=ClientId(UUID(int=6))),
    "another time": lambda sealed: structs.replace(sealed, at=sealed.at + 1),
    "no blob": lambda sealed: structs.replace(sealed, blob=b""),
    "another suite": lambda sealed: structs.replace(sealed, blob=b"\x01\x02" + sealed.blob[2:]),
    "another epoch": lambda sealed: structs.replace(sealed, blob=sealed.blob[:3] + b"\x01" + sealed.blob[4:]),
}


@pytest.mark.parametrize("change", CHANGED.values(), ids=list(CHANGED))
async def test_a_record_that_was_changed_does_not_open(
    sealer: MessageSealer, change: Callable[[Sealed], Sealed]
) -> None:
    sealed = await sealer.seal(CONVERSATION, numbered())
    with pytest.raises(Tampered):
        await sealer.open(CONVERSATION, change(sealed))
    assert (await sealer.open(CONVERSATION, sealed)).body == TEXT


@pytest.mark.parametrize("with_its_address", [True, False])
async def test_a_message_moved_to_another_conversation_does_not_open(
    sealer: MessageSealer, with_its_address: bool
) -> None:
    sealed = await sealer.seal(CONVERSATION, numbered())
    there = structs.replace(CONVERSATION, id=ConversationId(UUID(int=22)))
    await sealer.seal(there, numbered(conversation=there.id))  # the other conversation has a key, too
    moved = structs.replace(sealed, conversation=there.id) if with_its_address else sealed
    with pytest.raises(Tampered, match="does not belong" if with_its_address else "belongs to another conversation"):
        await sealer.open(there, moved)


async def test_two_messages_of_a_conversation_cannot_swap_their_texts(sealer: MessageSealer) -> None:
    one = await sealer.seal(CONVERSATION, numbered("yes", seq=1))
    two = await sealer.seal(CONVERSATION, numbered("no", seq=2, client_id=ClientId(UUID(int=6))))
    for message, other in ((one, two), (two, one)):
        with pytest.raises(Tampered):
            await sealer.open(CONVERSATION, structs.replace(message, blob=other.blob))


async def test_a_conversation_given_to_another_visitor_does_not_open(sealer: MessageSealer) -> None:
    sealed = await sealer.seal(CONVERSATION, numbered())
    stolen = structs.replace(CONVERSATION, visitor=VisitorId(UUID(int=44)))
    with pytest.raises(Tampered):
        await sealer.open(stolen, sealed)


async def test_a_conversation_given_to_another_workspace_does_not_open(sealer: MessageSealer) -> None:
    sealed = await sealer.seal(CONVERSATION, numbered())
    stolen = structs.replace(CONVERSATION, workspace=OTHER_WORKSPACE)
    with pytest.raises(Tampered):
        await sealer.open(stolen, structs.replace(sealed, workspace=OTHER_WORKSPACE))


@pytest.mark.parametrize("content", [b"", b"\x01" * 42, b"\x02" + bytes(42), b"\x01\x09" + bytes(41) + b"text"])
def test_a_content_of_a_layout_that_is_not_ours_does_not_open(content: bytes) -> None:
    binding = message_binding(CONVERSATION.workspace, CONVERSATION.id, 7, 0, "body")
    blob = seal(KEY.cipher, content, binding=binding, epoch=0, nonce=NONCE)
    nobody = ClientId(UUID(int=0))
    with pytest.raises(Tampered):
        opened_under(KEY, Sealed(CONVERSATION.workspace, CONVERSATION.id, Seq(7), 0, nobody, 0, blob))


# --- epochs ----------------------------------------------------------------------------------------------------------


async def test_the_epoch_selects_the_key(sealer: MessageSealer, kept: KeptKeys) -> None:
    epochs = [structs.replace(CONVERSATION, epoch=Epoch(epoch)) for epoch in (0, 1, 65_535)]
    sealed = [await sealer.seal(each, numbered(seq=seq)) for seq, each in enumerate(epochs, start=1)]
    assert [epoch_of(each.blob) for each in sealed] == [0, 1, 65_535]
    assert set(kept.conversations) == {(CONVERSATION.id, epoch) for epoch in (0, 1, 65_535)}
    now = epochs[1]
    assert [(await sealer.open(now, each)).body for each in sealed] == [TEXT] * 3


async def test_an_epoch_whose_key_is_gone_does_not_open_under_another_s(tmp_path: Path, kept: KeptKeys) -> None:
    ring = a_ring(tmp_path)
    first = MessageSealer(Hierarchy(ring, kept, ManualClock()))
    second: Conversation = structs.replace(CONVERSATION, epoch=Epoch(1))
    sealed = await first.seal(second, numbered())
    await first.seal(CONVERSATION, numbered())
    del kept.conversations[CONVERSATION.id, Epoch(1)]
    with pytest.raises(Tampered, match="there is no key"):
        await MessageSealer(Hierarchy(ring, kept, ManualClock())).open(second, sealed)
