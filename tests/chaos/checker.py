"""Compares what senders were promised, what the record holds and what each participant saw.

Pure: it judges a History and knows nothing of how it came about. Whatever it finds breaks a promise that is made to
people, so there are no warnings.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple, TypeAlias, TypeVar
from uuid import UUID

from chat.protocol.values import Kind
from tests.chaos.history import NOBODY, Entry, History, Outcome, Sent, View, carried
from tests.chaos.strand import faults

LOST = "lost"
"""Accepted, and not in the record; or in the record, and never shown to somebody who is there."""
DUPLICATED = "duplicated"
"""One message twice: in the record, to one participant, or accepted under a number that another one has."""
REORDERED = "reordered"
"""Two participants, or a participant and the record, have two orders; or a sender's own order was changed."""
UNSTORED = "shown but not stored"
"""Somebody was shown, or told of as accepted, what the record did not hold."""
ALTERED = "altered"
"""The text, its author, its side or its time is not the one that was said, or nobody said it."""
HOLE = "hole"
"""A number that the record lacks below its highest."""
REFUSED = "refused"
"""A sender was told to give up, though nothing was wrong with what it said."""
STUCK = "stuck"
"""Never answered, though nothing stands in the way any more."""


Value = TypeVar("Value", UUID, int)
_Kept: TypeAlias = "dict[tuple[UUID, UUID], list[Entry]]"
"""Entries by conversation and client id; one each, in a record that is whole."""


class Violation(NamedTuple):
    """A broken promise, with the records that differ."""

    kind: str
    text: str


def violations(history: History) -> list[Violation]:
    """Every broken promise in this history. An empty list is the proof for this run."""
    kept: _Kept = defaultdict(list)
    for conversation, record in history.record.items():
        for entry in record:
            kept[conversation, entry.client_id].append(entry)
    found = [
        *_early(history),
        *[violation for id_, record in history.record.items() for violation in _record(id_, record, history)],
        *[violation for sent in history.sent for violation in _answer(sent, kept, history)],
        *_senders_orders(history),
        *[violation for view in history.views for violation in _view(view, history)],
        *_strands(history),
    ]
    return list(dict.fromkeys(found))


def summary(found: list[Violation]) -> dict[str, int]:
    """How many of each kind."""
    return dict(Counter(violation.kind for violation in found))


# --- the record -----------------------------------------------------------------------------------------------------


def _record(conversation: UUID, record: list[Entry], history: History) -> Iterator[Violation]:
    seqs = [entry.seq for entry in record]
    for missing in sorted(set(range(1, max(seqs, default=0) + 1)) - set(seqs)):
        yield Violation(HOLE, f"{_here(conversation)} has no number {missing}")
    for seq in _repeated(seqs):
        yield Violation(DUPLICATED, f"{_here(conversation)} has number {seq} twice: {_at(seq, record)}")
    ended = [entry.seq for entry in record if entry.kind == Kind.ENDED]
    for entry in record:
        if ended and entry.seq > ended[0] and entry.kind != Kind.VOID:
            yield Violation(REORDERED, f"{_here(conversation)} ended with {ended[0]} and went on: {_told([entry])}")
    for client_id in _repeated([entry.client_id for entry in record]):
        twice = [entry for entry in record if entry.client_id == client_id]
        yield Violation(DUPLICATED, f"{_here(conversation)} holds one message twice: {_told(twice)}")
    said = {sent.client_id: sent for sent in history.sent if sent.conversation == conversation}
    bodies = {sent.body for sent in said.values()}
    for entry in record:
        if entry.kind == Kind.JOINED and history.names.get(entry.author or NOBODY) != entry.body:
            yield Violation(ALTERED, f"{_here(conversation)} names who joined wrongly: {_told([entry])}")
        if entry.kind != Kind.TEXT:
            continue
        sent = said.get(entry.client_id)
        if sent is None:
            kind = DUPLICATED if entry.body in bodies else ALTERED
            yield Violation(kind, f"{_here(conversation)} holds under an id that nobody gave: {_told([entry])}")
        elif sent.body != entry.body:
            yield Violation(ALTERED, f"{_here(conversation)}: {sent.sender} said {sent.body!r}, kept {_told([entry])}")
        elif sent.outcome is Outcome.REFUSED:
            yield Violation(ALTERED, f"{_here(conversation)} holds what was refused ({sent.why}): {_told([entry])}")


# --- the senders ----------------------------------------------------------------------------------------------------


def _answer(sent: Sent, kept: _Kept, history: History) -> Iterator[Violation]:
    what = f"{sent.sender}'s {sent.client_id} {sent.body[:40]!r}"
    if sent.outcome is Outcome.WAITING:
        yield Violation(STUCK, f"{_here(sent.conversation)} never answered {what}")
    if sent.outcome is Outcome.REFUSED and not sent.was_late:
        yield Violation(REFUSED, f"{_here(sent.conversation)} refused {what}: {sent.why}")
    if sent.outcome is not Outcome.ACCEPTED:
        return
    entries = kept.get((sent.conversation, sent.client_id))
    if not entries:
        there = _at(sent.seq, history.record.get(sent.conversation, []))
        yield Violation(LOST, f"{_here(sent.conversation)} accepted {what} as {sent.seq}; the record has {there}")
    elif sent.seq not in [entry.seq for entry in entries]:
        yield Violation(DUPLICATED, f"{_here(sent.conversation)} accepted {what} as {sent.seq}, kept {_told(entries)}")
    elif (sent.role, sent.author, sent.at) not in [(entry.role, entry.author, entry.at) for entry in entries]:
        by = f"of {sent.author} (role {int(sent.role)}) at {sent.at}"
        yield Violation(ALTERED, f"{_here(sent.conversation)} accepted {what} {by}, kept {_told(entries)}")


def _senders_orders(history: History) -> Iterator[Violation]:
    by_sender: dict[tuple[str, UUID], list[Sent]] = defaultdict(list)
    for sent in history.sent:
        if sent.outcome is Outcome.ACCEPTED:
            by_sender[sent.sender, sent.conversation].append(sent)
    for (sender, conversation), posts in by_sender.items():
        for before, after in pairwise(posts):
            if before.seq >= after.seq:
                text = f"{sender} said {before.body[:40]!r} ({before.seq}) before {after.body[:40]!r} ({after.seq})"
                yield Violation(REORDERED, f"{_here(conversation)}: {text}")


# --- the participants -----------------------------------------------------------------------------------------------


def _view(view: View, history: History) -> Iterator[Violation]:
    record = {entry.seq: entry for entry in history.record.get(view.conversation, [])}
    who = f"{view.who} in {_here(view.conversation)}"
    for client_id in _repeated([entry.client_id for entry in view.shown]):
        twice = [entry for entry in view.shown if entry.client_id == client_id]
        yield Violation(DUPLICATED, f"{who} was shown one message twice: {_told(twice)}")
    for before, after in pairwise(view.shown):
        if after.seq <= before.seq:
            yield Violation(REORDERED, f"{who} was shown {after.seq} after {before.seq}")
        elif after.seq > before.seq + 1 and after.seq not in view.fresh_starts:
            yield Violation(LOST, f"{who} was shown {after.seq} after {before.seq} and not told that more is missing")
    for entry in (*view.shown, *view.asked_for.values()):
        yield from _compared(who, entry, record.get(entry.seq), history.record.get(view.conversation, []))
    if view.is_present:
        has = {entry.seq for entry in view.shown} | view.asked_for.keys()
        missing = sorted(record.keys() - has)
        if missing:
            text = f"{len(missing)} of {len(record)}: {_some(missing)}"
            yield Violation(LOST, f"{who} was never shown {text}; first {_told([record[missing[0]]])}")


def _compared(who: str, shown: Entry, kept: Entry | None, record: list[Entry]) -> Iterator[Violation]:
    if kept == shown:
        return
    elsewhere = [entry.seq for entry in record if entry.client_id == shown.client_id]
    if elsewhere and shown.seq not in elsewhere:
        yield Violation(REORDERED, f"{who} was shown {_told([shown])}, which the record has as {elsewhere[0]}")
    elif elsewhere:
        yield Violation(ALTERED, f"{who} was shown {_told([shown])}, the record has {_at(shown.seq, record)}")
    else:
        yield Violation(UNSTORED, f"{who} was shown {_told([shown])}, the record has {_at(shown.seq, record)}")


def _strands(history: History) -> Iterator[Violation]:
    """What each connection of those who only read carried, and whether it is what the record holds."""
    tops = {conversation: max((e.seq for e in record), default=0) for conversation, record in history.record.items()}
    by_seq = {id_: {entry.seq: entry for entry in record} for id_, record in history.record.items()}
    for strand in history.strands:
        for doubled, text in faults(strand, tops):
            yield Violation(DUPLICATED if doubled else LOST, f"{strand.who}'s connection, {text}")
        for conversation, entry in carried(strand):
            if entry.seq:
                kept = by_seq.get(conversation, {}).get(entry.seq)
                who = f"{strand.who}'s connection, {_here(conversation)}"
                yield from _compared(who, entry, kept, history.record.get(conversation, []))


def _early(history: History) -> Iterator[Violation]:
    for early in history.early:
        what = f"{early.seq} ({early.client_id})"
        yield Violation(UNSTORED, f"{early.who} in {_here(early.conversation)} knew of {what} before it was stored")


# --- words ----------------------------------------------------------------------------------------------------------


def _repeated(values: list[Value]) -> list[Value]:
    return [value for value, times in Counter(values).items() if times > 1]


def _here(conversation: UUID) -> str:
    return f"conversation {str(conversation)[:8]}"


def _at(seq: int, record: list[Entry]) -> str:
    return _told([entry for entry in record if entry.seq == seq]) or "nothing"


def _told(entries: list[Entry]) -> str:
    return ", ".join(
        f"{e.seq}: {Kind(e.kind).name} {e.client_id} {e.body[:40]!r} by {e.author} (role {int(e.role)}) at {e.at}"
        for e in entries
    )


def _some(numbers: list[int]) -> str:
    return ", ".join(map(str, numbers[:8])) + (", …" if len(numbers) > 8 else "")
