"""The same text in many conversations is noticed; short texts, other workspaces and the past are not."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.ids import ConversationId, WorkspaceId
from chat.inspection.repeats import DIGEST_BYTES, TEXTS, WINDOW_S, Repeats, repeatable
from tests.clock import ManualClock

HERE, ELSEWHERE = WorkspaceId(UUID(int=1)), WorkspaceId(UUID(int=2))
SPAM = "Buy cheap watches at my shop now"
KEY = bytes(32)


def conversation(number: int) -> ConversationId:
    return ConversationId(UUID(int=number))


@pytest.fixture
def repeats() -> Repeats:
    return Repeats(KEY)


def said(repeats: Repeats, text: str = SPAM, workspace: WorkspaceId = HERE) -> bytes:
    digest = repeats.digest(workspace, text)
    assert digest is not None
    return digest


# --- what is compared ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "BUY CHEAP WATCHES AT MY SHOP NOW",
        "buy cheap watches at my shop, now!!!",
        "Buy  cheap\nwatches\tat my shop now",
        "B u y c h e a p w a t c h e s a t m y s h o p n o w",
        "Buy cheap watches at my shop now 4711",
        "12. Buy_cheap_watches at my shop now 👋👋",
        "Ｂｕｙ ｃｈｅａｐ ｗａｔｃｈｅｓ ａｔ ｍｙ ｓｈｏｐ ｎｏｗ",
        "Buy\u200b cheap\u200d watches\ufeff at my\u00ad shop now",
        "Buy\ufe0f cheap\u034f watches\u3164 at my shop now",
        "𝐁𝐮𝐲 𝐜𝐡𝐞𝐚𝐩 𝐰𝐚𝐭𝐜𝐡𝐞𝐬 at my shop now",
    ],
)
def test_only_letters_count_in_one_case_and_one_width(repeats: Repeats, text: str) -> None:
    assert said(repeats, text) == said(repeats)


def test_another_word_makes_another_text(repeats: Repeats) -> None:
    assert said(repeats, SPAM + " please") != said(repeats)


@pytest.mark.parametrize(
    "text", ["", "hello", "Thank you very much!", "?" * 500, "0123456789" * 50, "👋" * 100, "您好，请问在吗"]
)
def test_greetings_and_what_holds_few_letters_may_be_repeated_by_everybody(repeats: Repeats, text: str) -> None:
    assert repeats.digest(HERE, text) is None


def test_twenty_letters_or_eight_chinese_characters_are_enough() -> None:
    assert repeatable("a" * 19) is None
    assert repeatable("a" * 20) == "a" * 20
    assert repeatable("买便宜手表请加") is None
    assert repeatable("买便宜手表请加我，微信！") == "买便宜手表请加我微信"
    assert repeatable("买便宜手表请加我") == "买便宜手表请加我"


def test_a_digest_needs_the_key_and_belongs_to_its_workspace(repeats: Repeats) -> None:
    assert len(said(repeats)) == DIGEST_BYTES
    assert said(repeats) != said(repeats, workspace=ELSEWHERE)
    assert said(repeats) != said(Repeats(bytes(31) + b"\x01"))
    assert said(repeats) == said(Repeats(KEY))


# --- who said it -----------------------------------------------------------------------------------------------------


def test_it_counts_other_conversations_each_once(repeats: Repeats, clock: ManualClock) -> None:
    digest = said(repeats)
    assert repeats.others(HERE, digest, conversation(1), clock.monotonic()) == 0
    for number in (1, 2, 2, 3, 1):
        repeats.remember(HERE, digest, conversation(number), clock.monotonic())
    assert repeats.others(HERE, digest, conversation(1), clock.monotonic()) == 2
    assert repeats.others(HERE, digest, conversation(9), clock.monotonic()) == 3


def test_a_person_may_say_the_same_again_and_again(repeats: Repeats, clock: ManualClock) -> None:
    for _ in range(50):
        repeats.remember(HERE, said(repeats), conversation(1), clock.monotonic())
    assert repeats.others(HERE, said(repeats), conversation(1), clock.monotonic()) == 0


def test_other_workspaces_and_other_texts_do_not_count(repeats: Repeats, clock: ManualClock) -> None:
    repeats.remember(ELSEWHERE, said(repeats, workspace=ELSEWHERE), conversation(1), clock.monotonic())
    repeats.remember(HERE, said(repeats, "Where is the parcel that I ordered?"), conversation(2), clock.monotonic())
    assert repeats.others(HERE, said(repeats), conversation(9), clock.monotonic()) == 0


def test_a_text_is_forgotten_ten_minutes_after_it_was_said_last(repeats: Repeats, clock: ManualClock) -> None:
    assert WINDOW_S == 600
    digest = said(repeats)
    repeats.remember(HERE, digest, conversation(1), clock.monotonic())
    clock.advance(400)
    repeats.remember(HERE, digest, conversation(2), clock.monotonic())
    clock.advance(599.5)
    assert repeats.others(HERE, digest, conversation(9), clock.monotonic()) == 2
    clock.advance(0.5)
    assert repeats.others(HERE, digest, conversation(9), clock.monotonic()) == 0
    repeats.remember(HERE, digest, conversation(3), clock.monotonic())
    assert repeats.others(HERE, digest, conversation(9), clock.monotonic()) == 1


def test_memory_is_bounded_and_the_text_said_longest_ago_goes_first(repeats: Repeats, clock: ManualClock) -> None:
    digests = [number.to_bytes(DIGEST_BYTES, "big") for number in range(TEXTS)]
    for digest in digests:
        repeats.remember(HERE, digest, conversation(1), clock.monotonic())
    repeats.remember(HERE, digests[0], conversation(2), clock.monotonic())  # said again
    repeats.remember(HERE, b"one more", conversation(1), clock.monotonic())
    left = [repeats.others(HERE, digest, conversation(9), clock.monotonic()) for digest in (*digests[:3], b"one more")]
    assert left == [2, 0, 1, 1]


def test_the_conversations_of_one_text_are_bounded(repeats: Repeats, clock: ManualClock) -> None:
    for _ in range(1_000):
        repeats.remember(HERE, said(repeats), ConversationId(uuid4()), clock.monotonic())
    assert 4 < repeats.others(HERE, said(repeats), conversation(1), clock.monotonic()) <= 64


@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_any_text_has_a_digest_or_is_too_short(text: str) -> None:
    digest = Repeats(KEY).digest(HERE, text)
    letters = repeatable(text)
    assert (digest is None) == (letters is None)
    assert letters is None or repeatable(letters) == letters


@given(st.text(st.characters(max_codepoint=127), min_size=20, max_size=200))
def test_texts_in_ascii_alone_are_compared_like_all_others(text: str) -> None:
    letters = repeatable(text)
    assert repeatable(text + "中文" * 4) == (
        "".join(letter for letter in text.lower() if letter.isalpha()) + "中文" * 4
    )
    assert letters is None or repeatable(text + "中文" * 4) == letters + "中文" * 4
