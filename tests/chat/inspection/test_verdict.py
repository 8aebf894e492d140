"""Deliver, deliver flagged, or refuse with what to do and when."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.ids import ClientId, ConversationId, SiteId, VisitorId, WorkspaceId
from chat.inspection.verdict import Circumstances, inspect, refused_text
from chat.model import Actor, Admitted, Conduct, Draft, Kind, Refusal
from chat.protocol.catalogue import EMPTY, REPEATED, TOO_SOON, UNREADABLE, UNWELCOME, Then

VISITOR = Actor.visitor(WorkspaceId(UUID(int=1)), SiteId("demo"), VisitorId(UUID(int=2)))
HUMAN = Conduct(4_200, "")
CALM = Circumstances(is_first=False, open_ms=60_000, repeats=0)


def draft(text: str = "Where is my parcel?") -> Draft:
    return Draft(VISITOR, ConversationId(UUID(int=3)), ClientId(UUID(int=4)), Kind.TEXT, text, 5)


def verdict(
    text: str = "Where is my parcel?", *, decoy: str = "", first: bool = False, open_ms: int = 60_000, repeats: int = 0
) -> Admitted | Refusal:
    return inspect(draft(text), Conduct(4_200, decoy), Circumstances(first, open_ms, repeats))


def test_what_people_write_is_admitted_without_a_reason() -> None:
    assert inspect(draft(), HUMAN, CALM) == Admitted(draft(), ())
    assert verdict(first=True) == Admitted(draft(), ())


# --- the text --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\n\t\r ",
        "\u00a0\u3000\u2003",
        "\u200b",
        "\u200b\u200d\ufeff \u2060",
        "\u00ad",
        "\u2028",
        "\u3164",
        "\u2800",
    ],
)
def test_a_text_of_which_nothing_shows_is_empty(text: str) -> None:
    assert verdict(text) is EMPTY
    assert refused_text(text) is EMPTY


@pytest.mark.parametrize("text", ["\x00", "hello\x00", "\x00 \n"])
def test_a_text_that_cannot_be_kept_is_refused(text: str) -> None:
    assert verdict(text) is UNREADABLE
    assert refused_text(text) is UNREADABLE


@pytest.mark.parametrize(
    "text", ["?", "0", "。", "👋", "👨‍👩‍👧", "❤️", " ok ", "مرحبا", "นี่", "\u200eok", "e\u0301", "🇹🇼", "‮abc"]
)
def test_a_text_of_which_anything_shows_is_kept(text: str) -> None:
    assert refused_text(text) is None
    admitted = verdict(text)
    assert isinstance(admitted, Admitted)
    assert admitted.draft.text == text


# --- the soft signals ------------------------------------------------------------------------------------------------


def test_a_driven_browser_is_flagged_and_never_refused_for_it_alone() -> None:
    outcome = inspect(draft(), HUMAN, Circumstances(is_first=True, open_ms=1_200, repeats=0, is_automated=True))
    assert outcome == Admitted(draft(), ("automated: the browser says that a program drives it",))


def test_every_reason_for_a_flag_is_named() -> None:
    outcome = inspect(draft(), HUMAN, Circumstances(is_first=False, open_ms=0, repeats=3, is_automated=True))
    assert isinstance(outcome, Admitted)
    assert [reason.split(":")[0] for reason in outcome.reasons] == ["repeated", "automated"]


# --- the hard signals ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("decoy", ["http://spam.example", "x", " "])
def test_whoever_fills_in_what_people_do_not_see_is_unwelcome(decoy: str) -> None:
    assert verdict(decoy=decoy) is UNWELCOME
    assert UNWELCOME.then is Then.STOP


@pytest.mark.parametrize(("open_ms", "wait"), [(0, 1_200), (1, 1_199), (700, 500), (1_199, 1)])
def test_a_first_message_faster_than_anybody_reads_is_told_exactly_when_it_fits(open_ms: int, wait: int) -> None:
    refusal = verdict(first=True, open_ms=open_ms)
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.then, refusal.retry_after_ms) == (TOO_SOON.code, Then.RETRY, wait)
    assert isinstance(verdict(first=True, open_ms=open_ms + wait), Admitted)
    assert isinstance(verdict(first=True, open_ms=open_ms + wait - 1), Refusal)


def test_later_messages_may_be_fast() -> None:
    assert isinstance(verdict(first=False, open_ms=0), Admitted)


LONG = "Congratulations, your parcel waits for a small customs payment"


@pytest.mark.parametrize("repeats", [4, 40])
@pytest.mark.parametrize(
    "text", ["What are your opening hours?", "Do you ship to Jersey?", "你们的营业时间是几点到几点？"]
)
def test_a_short_question_of_many_people_is_flagged_and_never_refused(text: str, repeats: int) -> None:
    outcome = verdict(text, repeats=repeats)
    assert isinstance(outcome, Admitted)
    assert outcome.reasons


@pytest.mark.parametrize(
    "text", ["cheap pills at pills.example.com now", "look: https://x.example/win", "www.win.example"]
)
def test_a_short_text_that_links_somewhere_is_refused_when_others_say_it(text: str) -> None:
    assert verdict(text, repeats=4) is REPEATED


@pytest.mark.parametrize("repeats", range(7))
def test_a_long_text_of_two_others_is_flagged_and_of_four_refused(repeats: int) -> None:
    outcome = verdict(LONG, repeats=repeats)
    if repeats >= 4:
        assert outcome is REPEATED
        assert outcome.then is Then.EDIT
    else:
        assert isinstance(outcome, Admitted)
        said = f"repeated: the same text in {repeats} other conversations"
        assert outcome.reasons == ((said,) if repeats >= 2 else ())


def test_what_the_client_claims_of_its_time_decides_nothing() -> None:
    for elapsed_ms in (0, 2**53 - 1):
        assert inspect(draft(), Conduct(elapsed_ms, ""), Circumstances(True, 0, 0)) != inspect(draft(), HUMAN, CALM)
        assert inspect(draft(), Conduct(elapsed_ms, ""), CALM) == Admitted(draft())


@given(
    text=st.sampled_from(["", "hello", LONG, "\x00"]),
    decoy=st.sampled_from(["", "x"]),
    first=st.booleans(),
    open_ms=st.integers(0, 5_000),
    repeats=st.integers(0, 8),
)
def test_a_draft_is_admitted_exactly_when_no_hard_signal_stands_against_it(
    text: str, decoy: str, first: bool, open_ms: int, repeats: int
) -> None:
    outcome = verdict(text, decoy=decoy, first=first, open_ms=open_ms, repeats=repeats)
    stands = text in ("", "\x00") or decoy or (first and open_ms < 1_200) or (text == LONG and repeats >= 4)
    assert isinstance(outcome, Refusal if stands else Admitted)


def test_an_automated_sender_is_not_told_to_try_again() -> None:
    """Of several signals the one that no person sets off decides."""
    assert verdict(decoy="x", first=True, open_ms=0, repeats=9) is UNWELCOME
