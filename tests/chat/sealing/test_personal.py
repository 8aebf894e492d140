"""Fields of a person: sealed under their key, found by a keyed index."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.errors import Tampered
from chat.ids import SubjectId, WorkspaceId
from chat.sealing.hierarchy import Hierarchy
from chat.sealing.personal import PersonalFields, blind_index, index_key, normalised_email
from tests.chat.sealing.keys import KeptKeys, a_ring
from tests.chat.sealing.values import OTHER_WORKSPACE, SUBJECT, WORKSPACE
from tests.clock import ManualClock

ROOT = bytes(range(0x20, 0x40))
OTHER = SubjectId(UUID(int=5))


@pytest.fixture
def fields(tmp_path: Path, kept: KeptKeys) -> PersonalFields:
    return PersonalFields(Hierarchy(a_ring(tmp_path), kept, ManualClock()), ROOT)


# --- fields ----------------------------------------------------------------------------------------------------------


async def test_a_field_opens_as_it_was_sealed(fields: PersonalFields) -> None:
    blob = await fields.seal(WORKSPACE, SUBJECT, "name", "王小明")
    assert await fields.open(WORKSPACE, SUBJECT, "name", blob) == "王小明"
    assert "王小明".encode() not in blob


async def test_what_is_unknown_is_no_blob_and_needs_no_key(fields: PersonalFields, kept: KeptKeys) -> None:
    assert await fields.seal(WORKSPACE, SUBJECT, "name", "") == b""
    assert await fields.open(WORKSPACE, SUBJECT, "name", b"") == ""
    assert not kept.persons


@pytest.mark.parametrize(
    ("workspace", "subject", "field"),
    [(OTHER_WORKSPACE, SUBJECT, "name"), (WORKSPACE, OTHER, "name"), (WORKSPACE, SUBJECT, "email")],
)
async def test_a_field_opens_nowhere_but_where_it_belongs(
    fields: PersonalFields, workspace: WorkspaceId, subject: SubjectId, field: str
) -> None:
    blob = await fields.seal(WORKSPACE, SUBJECT, "name", "Ming")
    await fields.seal(WORKSPACE, OTHER, "name", "Ada")  # the others have keys, too
    await fields.seal(OTHER_WORKSPACE, SubjectId(UUID(int=6)), "name", "Eve")
    with pytest.raises(Tampered):
        await fields.open(workspace, subject, field, blob)


async def test_a_field_of_a_person_whose_key_was_destroyed_does_not_open(
    tmp_path: Path, fields: PersonalFields, kept: KeptKeys
) -> None:
    blob = await fields.seal(WORKSPACE, SUBJECT, "name", "Ming")
    kept.persons.clear()
    with pytest.raises(Tampered):
        await PersonalFields(Hierarchy(a_ring(tmp_path), kept, ManualClock()), ROOT).open(
            WORKSPACE, SUBJECT, "name", blob
        )


# --- index -----------------------------------------------------------------------------------------------------------


def test_the_known_answer_of_a_blind_index() -> None:
    """Of workspace 1: the reference's known answer."""
    assert blind_index(index_key(ROOT, UUID(int=1), "email"), "alice@example.com").hex() == (
        "ba7ca333ed7b5a29653c53607d671756"
    )


def test_an_index_is_another_in_another_field_workspace_or_install() -> None:
    keys = [
        index_key(ROOT, UUID(int=1), "email"),
        index_key(ROOT, UUID(int=2), "email"),
        index_key(ROOT, UUID(int=1), "name"),
        index_key(bytes(32), UUID(int=1), "email"),
    ]
    assert len({blind_index(key, "alice@example.com") for key in keys}) == 4


@pytest.mark.parametrize(
    "spelling",
    ["Alice@Example.com", "  alice@example.com\n", "ＡＬＩＣＥ＠example.com", "alice@EXAMPLE.COM\u00a0"],
)
def test_spellings_of_one_address_are_found_as_one(fields: PersonalFields, spelling: str) -> None:
    assert fields.email_index(spelling) == fields.email_index("alice@example.com")


@pytest.mark.parametrize("other", ["alice@example.org", "alicé@example.com", "alice+1@example.com", "lice@example.com"])
def test_other_addresses_are_found_as_others(fields: PersonalFields, other: str) -> None:
    assert fields.email_index(other) != fields.email_index("alice@example.com")
    assert len(fields.email_index(other)) == 16


@given(local=st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20))
def test_an_address_is_found_by_what_it_was_normalised_to(local: str) -> None:
    once = normalised_email(f"{local}@example.com")
    assert normalised_email(once) == once
