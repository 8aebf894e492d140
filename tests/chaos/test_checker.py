"""The checker finds every way in which the promise can be broken, and nothing where it is kept."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from chat.protocol.frames import Message, MessageView
from chat.protocol.values import Kind, Role
from tests.chaos.checker import (
    ALTERED,
    DUPLICATED,
    HOLE,
    LOST,
    REFUSED,
    REORDERED,
    STUCK,
    UNSTORED,
    Violation,
    summary,
    violations,
)
from tests.chaos.history import Early, Entry, History, Outcome, Sent, View
from tests.chaos.strand import Strand

HERE = UUID(int=0xC0)
VISITOR, ADA = UUID(int=0xA), UUID(int=0xB)
AT = 1_767_225_600_000
JOINED = Entry(2, UUID(int=2), Kind.JOINED, "Ada", Role.AGENT, ADA, AT + 2)


def said(number: int, seq: int, outcome: Outcome = Outcome.ACCEPTED, sender: str = "visitor") -> Sent:
    role, author = (Role.AGENT, ADA) if sender == "agent" else (Role.VISITOR, VISITOR)
    return Sent(sender, HERE, UUID(int=number), f"No. {number}", outcome, role, author, seq, AT + number)


def kept(number: int, seq: int) -> Entry:
    role, author = (Role.AGENT, ADA) if number == 4 else (Role.VISITOR, VISITOR)
    return Entry(seq, UUID(int=number), Kind.TEXT, f"No. {number}", role, author, AT + number)


RECORD = [kept(1, 1), JOINED, kept(3, 3), kept(4, 4), kept(5, 5)]


def whole(who: str = "agent") -> View:
    return View(who, HERE, shown=list(RECORD))


@pytest.fixture
def history() -> History:
    """Everything went well: what the visitor said, what the agent said, and what both were shown."""
    sent = [said(1, 1), said(3, 3), said(5, 5), said(4, 4, sender="agent")]
    return History(record={HERE: list(RECORD)}, sent=sent, views=[whole("visitor"), whole()], names={ADA: "Ada"})


def kinds(history: History) -> set[str]:
    return {violation.kind for violation in violations(history)}


def test_where_the_promise_is_kept_nothing_is_found(history: History) -> None:
    assert violations(history) == []


# --- lost -----------------------------------------------------------------------------------------------------------


def test_an_accepted_message_that_the_record_does_not_hold_is_lost(history: History) -> None:
    history.sent.append(said(6, 6))
    assert kinds(history) == {LOST}


def test_an_accepted_message_in_the_place_of_another_is_lost(history: History) -> None:
    history.sent.append(said(6, 4, sender="somebody else"))
    (violation,) = violations(history)
    assert violation.kind == LOST
    assert "No. 6" in violation.text
    assert "No. 4" in violation.text, "the differing records are told"


def test_what_somebody_present_was_never_shown_is_lost_at_the_end(history: History) -> None:
    history.views[1].shown.pop()
    assert kinds(history) == {LOST}


def test_who_went_away_need_not_have_seen_the_rest(history: History) -> None:
    history.views[1].shown.pop()
    history.views[1].is_present = False
    assert violations(history) == []


def test_who_is_present_and_was_shown_nothing_at_all_lost_everything(history: History) -> None:
    history.views.append(View("colleague", HERE))
    assert kinds(history) == {LOST}


def test_a_number_passed_over_is_lost_even_for_who_went_away(history: History) -> None:
    del history.views[1].shown[2]
    history.views[1].is_present = False
    assert kinds(history) == {LOST}


def test_a_fresh_start_that_is_told_and_filled_loses_nothing(history: History) -> None:
    view = history.views[1]
    view.shown = [RECORD[0], *RECORD[3:]]
    view.fresh_starts = {4}
    view.asked_for = {entry.seq: entry for entry in RECORD[1:4]}
    assert violations(history) == []


def test_a_fresh_start_that_is_not_filled_loses_what_was_between(history: History) -> None:
    view = history.views[1]
    view.shown = [RECORD[0], *RECORD[3:]]
    view.fresh_starts = {4}
    assert kinds(history) == {LOST}


# --- duplicated -----------------------------------------------------------------------------------------------------


def test_a_message_stored_under_two_numbers_is_doubled(history: History) -> None:
    history.record[HERE].append(kept(5, 6))
    for view in history.views:
        view.shown.append(kept(5, 6))
    assert kinds(history) == {DUPLICATED}


def test_a_text_stored_again_under_an_id_that_nobody_gave_is_doubled(history: History) -> None:
    again = kept(5, 6)._replace(client_id=UUID(int=99))
    history.record[HERE].append(again)
    for view in history.views:
        view.shown.append(again)
    assert kinds(history) == {DUPLICATED}


def test_two_messages_with_one_number_are_found(history: History) -> None:
    history.record[HERE].append(kept(6, 5))
    assert DUPLICATED in kinds(history)


def test_a_message_shown_twice_to_one_participant_is_doubled(history: History) -> None:
    history.views[0].shown.append(RECORD[-1])
    assert kinds(history) == {DUPLICATED, REORDERED}


def test_a_message_accepted_under_another_number_than_its_own_is_found(history: History) -> None:
    history.sent[2].seq = 6
    assert kinds(history) == {DUPLICATED}


# --- reordered ------------------------------------------------------------------------------------------------------


def test_who_was_shown_a_lower_number_after_a_higher_one_saw_another_order(history: History) -> None:
    shown = history.views[1].shown
    shown[3], shown[4] = shown[4], shown[3]
    assert REORDERED in kinds(history)


def test_two_participants_with_two_orders_are_found(history: History) -> None:
    history.views[1].shown[3:] = [kept(5, 4), kept(4, 5)]
    assert kinds(history) == {REORDERED}


def test_a_senders_own_order_is_kept(history: History) -> None:
    history.sent[1].seq, history.sent[2].seq = 5, 3
    history.sent[1], history.sent[2] = said(3, 5), said(5, 3)
    history.record[HERE] = [kept(1, 1), JOINED, kept(5, 3), kept(4, 4), kept(3, 5)]
    history.views = []
    assert kinds(history) == {REORDERED}


def test_nothing_comes_after_the_end(history: History) -> None:
    end = Entry(4, UUID(int=44), Kind.ENDED, "", Role.SYSTEM, None, AT)
    history.record[HERE][3] = end
    history.sent.pop()
    for view in history.views:
        view.shown[3] = end
    assert kinds(history) == {REORDERED}


# --- watchers -------------------------------------------------------------------------------------------------------


def carrying(*entries: Entry, is_open: bool = True) -> Strand:
    frames = [
        Message(0, HERE, MessageView(e.seq, e.client_id, Kind(e.kind), Role(e.role), e.author, e.at, e.body))
        for e in entries
    ]
    return Strand("watcher", {HERE: 0}, list(frames), is_open=is_open)


def test_a_connection_that_carried_the_record_is_right(history: History) -> None:
    history.strands = [carrying(*RECORD), carrying(*RECORD[:3], is_open=False)]
    assert violations(history) == []


def test_what_a_connection_carried_twice_is_doubled_though_every_client_hides_it(history: History) -> None:
    history.strands = [carrying(*RECORD, RECORD[-1])]
    assert kinds(history) == {DUPLICATED}


def test_what_a_connection_left_out_is_lost_though_every_client_asks_for_it(history: History) -> None:
    history.strands = [carrying(*RECORD[:2], *RECORD[3:])]
    assert kinds(history) == {LOST}
    history.strands = [carrying(*RECORD[:-1])]
    assert kinds(history) == {LOST}


def test_what_a_connection_carried_is_compared_with_the_record(history: History) -> None:
    history.strands = [carrying(*RECORD[:-1], RECORD[-1]._replace(author=ADA))]
    assert kinds(history) == {ALTERED}


# --- shown but not stored -------------------------------------------------------------------------------------------


def test_who_was_shown_what_the_record_does_not_hold_is_found(history: History) -> None:
    history.views[0].shown.append(kept(6, 6))
    assert kinds(history) == {UNSTORED}


def test_who_was_shown_another_message_in_a_place_is_found(history: History) -> None:
    history.views[0].shown[-1] = kept(6, 5)
    assert UNSTORED in kinds(history)


def test_what_was_known_before_it_was_stored_is_found_though_it_was_stored_later(history: History) -> None:
    history.early.append(Early("agent", HERE, 5, UUID(int=5)))
    assert kinds(history) == {UNSTORED}


def test_an_older_page_counts_as_shown(history: History) -> None:
    history.views[0].asked_for[1] = kept(7, 1)
    assert UNSTORED in kinds(history)


# --- altered, holes, stuck ------------------------------------------------------------------------------------------


def test_another_text_than_was_said_is_found(history: History) -> None:
    changed = RECORD[-1]._replace(body="No. 55")
    history.record[HERE][-1] = changed
    for view in history.views:
        view.shown[-1] = changed
    assert kinds(history) == {ALTERED}


def test_another_text_shown_than_is_kept_is_found(history: History) -> None:
    history.views[0].shown[-1] = RECORD[-1]._replace(body="No. 55")
    assert kinds(history) == {ALTERED}


@pytest.mark.parametrize("field", [{"author": ADA}, {"role": Role.AGENT}, {"at": AT}])
def test_another_author_side_or_time_than_the_senders_is_found(history: History, field: dict[str, Any]) -> None:
    changed = RECORD[-1]._replace(**field)
    history.record[HERE][-1] = changed
    for view in history.views:
        view.shown[-1] = changed
    assert kinds(history) == {ALTERED}


@pytest.mark.parametrize("field", [{"author": ADA}, {"role": Role.AGENT}, {"at": AT}, {"kind": Kind.VOID}])
def test_another_author_side_time_or_kind_shown_than_is_kept_is_found(history: History, field: dict[str, Any]) -> None:
    history.views[0].shown[-1] = RECORD[-1]._replace(**field)
    assert kinds(history) == {ALTERED}


def test_whoever_joined_is_named_rightly(history: History) -> None:
    history.names[ADA] = "Grace"
    assert kinds(history) == {ALTERED}


def test_a_text_that_nobody_said_is_found(history: History) -> None:
    invented = kept(6, 6)._replace(client_id=UUID(int=66), body="invented")
    history.record[HERE].append(invented)
    for view in history.views:
        view.shown.append(invented)
    assert kinds(history) == {ALTERED}


def test_a_hole_in_the_record_is_found_and_a_void_is_none(history: History) -> None:
    void = Entry(6, UUID(int=66), Kind.VOID, "", Role.SYSTEM, None, AT)
    history.record[HERE] += [void, kept(8, 8)]
    history.sent.append(said(8, 8))
    history.views = []
    assert [violation for violation in violations(history) if violation.kind == HOLE] == [
        Violation(HOLE, f"conversation {str(HERE)[:8]} has no number 7")
    ]
    assert kinds(history) == {HOLE}


def test_a_post_that_is_never_answered_is_stuck(history: History) -> None:
    history.sent.append(said(6, 0, Outcome.WAITING))
    assert kinds(history) == {STUCK}


def test_a_post_whose_sender_went_away_may_be_kept_or_not(history: History) -> None:
    history.sent.append(said(6, 0, Outcome.ABANDONED))
    history.sent[2] = replace(history.sent[2], outcome=Outcome.ABANDONED, seq=0)
    assert violations(history) == []


def test_a_refusal_is_right_only_after_the_end(history: History) -> None:
    history.sent.append(replace(said(6, 0, Outcome.REFUSED), was_late=True))
    assert violations(history) == []
    history.sent.append(said(7, 0, Outcome.REFUSED))
    assert kinds(history) == {REFUSED}


def test_what_was_refused_is_not_kept(history: History) -> None:
    history.sent[2] = replace(history.sent[2], outcome=Outcome.REFUSED, was_late=True)
    assert kinds(history) == {ALTERED}


def test_the_summary_counts_each_kind(history: History) -> None:
    history.sent += [said(6, 6), said(7, 7), said(8, 0, Outcome.WAITING)]
    assert summary(violations(history)) == {LOST: 2, STUCK: 1}
