"""Names: unique where they must be, the same where two must agree."""

from __future__ import annotations

import secrets
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from chat.clock import as_datetime, new_id
from chat.ids import ConversationId, VisitorId, next_conversation, uuid7, uuid8
from tests.clock import ManualClock

ids = st.uuids()


@given(now_ms=st.integers(0, 2**48 - 1), random=st.binary(min_size=10, max_size=10))
def test_a_version_7_id_is_one_by_the_standard_and_begins_with_its_time(now_ms: int, random: bytes) -> None:
    made = uuid7(now_ms, random)
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert int.from_bytes(made.bytes[:6], "big") == now_ms
    assert made.int & (2**62 - 1) == int.from_bytes(random, "big") & (2**62 - 1)


def test_the_standard_s_example_of_version_7() -> None:
    """RFC 9562, appendix A.6."""
    random = (0xCC3 << 64 | 0x18C4DC0C0C07398F).to_bytes(10, "big")
    assert uuid7(0x017F22E279B0, random) == UUID("017f22e2-79b0-7cc3-98c4-dc0c0c07398f")


@given(earlier=st.integers(0, 2**48 - 2))
def test_later_ids_sort_later_whatever_chance_adds(earlier: int) -> None:
    assert uuid7(earlier, b"\xff" * 10) < uuid7(earlier + 1, bytes(10))


def test_ids_of_one_millisecond_differ() -> None:
    clock = ManualClock()
    assert len({new_id(clock) for _ in range(1_000)}) == 1_000


@given(content=st.binary(max_size=100))
def test_a_version_8_id_is_one_by_the_standard_and_follows_from_its_content(content: bytes) -> None:
    made = uuid8(content)
    assert (made.version, made.variant) == (8, "specified in RFC 4122")
    assert made == uuid8(bytes(content))


@given(visitor=ids, other=ids, previous=st.none() | ids)
def test_two_tabs_start_the_same_conversation_and_two_visitors_do_not(
    visitor: UUID, other: UUID, previous: UUID | None
) -> None:
    before = ConversationId(previous) if previous else None
    first = next_conversation(VisitorId(visitor), before)
    assert first == next_conversation(VisitorId(visitor), before)
    assert (first == next_conversation(VisitorId(other), before)) == (visitor == other)


def test_conversations_of_one_visitor_never_come_back() -> None:
    visitor, seen = VisitorId(UUID(bytes=secrets.token_bytes(16))), set[ConversationId | None]()
    conversation: ConversationId | None = None
    while len(seen) < 1_000:
        assert conversation not in seen
        seen.add(conversation)
        conversation = next_conversation(visitor, conversation)


def test_the_next_conversation_s_known_answer() -> None:
    """The id is kept in records: another rule would start a second conversation for everybody who is waiting."""
    first = next_conversation(VisitorId(UUID(int=1)), None)
    assert first == UUID("a5eb2356-b5d0-8bb8-bdfa-49eb83ecae9d")
    assert next_conversation(VisitorId(UUID(int=1)), first) == UUID("f44ac53a-8e77-88c3-b6f2-6574e43c569a")


def test_milliseconds_become_an_aware_time() -> None:
    assert as_datetime(ManualClock().now_ms() + 5).isoformat() == "2026-01-01T00:00:00.005000+00:00"
