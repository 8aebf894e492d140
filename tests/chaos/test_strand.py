"""What a connection carried is judged by itself: nothing that a client would repair passes."""

from __future__ import annotations

from uuid import UUID

from chat.protocol.frames import Message, MessageView, Snapshot, Tops
from chat.protocol.values import ConversationView, Kind, Role, State
from tests.chaos.strand import Carried, Strand, faults

HERE = UUID(int=0xC0)


def view(seq: int) -> MessageView:
    return MessageView(seq, UUID(int=seq), Kind.TEXT, Role.VISITOR, UUID(int=1), 0, f"No. {seq}")


def live(*seqs: int) -> list[Carried]:
    return [Message(0, HERE, view(seq)) for seq in seqs]


def snapshot(*seqs: int, top: int, recovered: bool = False, more: bool = False) -> Snapshot:
    here = ConversationView(HERE, "site", State.ACTIVE, 1, None, 0, None, None, top, None, None)
    return Snapshot(0, here, [], [view(seq) for seq in seqs], [], recovered, more)


def found(*frames: Carried, asked: int = 0, top: int = 0, is_open: bool = False) -> list[bool]:
    """Of each fault: whether something was doubled."""
    strand = Strand("watcher", {HERE: asked}, list(frames), is_open=is_open)
    return [fault.is_doubled for fault in faults(strand, {HERE: top})]


def test_a_snapshot_and_what_follows_it_in_order_is_right() -> None:
    assert found(snapshot(1, 2, top=2), *live(3, 4), Tops(0, [(HERE, 4)]), *live(5), top=5, is_open=True) == []
    assert found(snapshot(7, 8, top=8, recovered=True), *live(9), asked=6) == []
    assert found(snapshot(top=6, recovered=True), *live(7), asked=6) == []
    assert found(snapshot(41, 42, top=42, more=True), *live(43), asked=2) == []
    assert found(*live(1, 2)) == [], "of a conversation that begins there is no snapshot"


def test_what_is_sent_twice_is_doubled() -> None:
    assert found(snapshot(1, 2, top=2), *live(2)) == [True]
    assert found(snapshot(1, top=1), *live(2, 2, 3)) == [True]
    assert found(snapshot(1, 1, top=1)) == [True]
    assert found(*live(1, 2), snapshot(2, 3, top=3, recovered=True), asked=1) == [True]


def test_what_goes_back_is_doubled() -> None:
    assert found(*live(1, 2, 3, 2, 4)) == [True]


def test_a_number_passed_over_is_missing() -> None:
    assert found(snapshot(1, top=1), *live(3, 4)) == [False]
    assert found(*live(2)) == [False]
    assert found(snapshot(1, 3, top=3)) == [False]


def test_a_part_of_what_was_missed_is_missing_the_rest() -> None:
    assert found(snapshot(3, 4, top=6, recovered=True), asked=2) == [False]
    assert found(snapshot(5, 6, top=6, recovered=True), asked=2) == [False]
    assert found(snapshot(top=6, recovered=True), asked=2) == [False]
    assert found(snapshot(5, top=6, more=True), asked=2) == [False]


def test_a_fresh_start_above_the_first_that_does_not_say_so_is_missing_what_came_before() -> None:
    assert found(snapshot(5, 6, top=6)) == [False]


def test_a_heartbeat_that_tells_of_more_than_was_sent_shows_what_is_missing() -> None:
    assert found(snapshot(1, top=1), Tops(0, [(HERE, 2)]), *live(2)) == [False]


def test_who_is_connected_in_the_end_was_sent_everything() -> None:
    assert found(*live(1), top=2, is_open=True) == [False]
    assert found(*live(1), top=2, is_open=False) == []
