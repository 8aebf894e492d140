"""Which passwords are accepted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.accounts.strength import MIN_CHARACTERS, check_password, what_is_left
from chat.errors import Invalid

KNOWN = ["Anna Berg", "anna@fern-oak", "Fern and Oak"]


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple",
        "umbrella quartz sings at noon",
        "三十六只蓝色的鸭子在唱歌跳舞吃饭",
        "x7#Kq9!vR2@pL5z",
        "nine purple mugs under the stairs",
        "密码学很有意思 and so is tea",
    ],
)
def test_long_ones_that_mean_something_to_their_owner_only_are_accepted(password: str) -> None:
    check_password(password, known=KNOWN)


@pytest.mark.parametrize(
    ("password", "because"),
    [
        ("", "at least 15"),
        ("x7#Kq9!vR2@pL5", "at least 15"),
        ("password" * 2, "common"),
        ("passwordpassword1", "common"),
        ("P@ssw0rdP@ssw0rd", "common"),
        ("PASSWORD12345678", "common"),
        ("iloveyou-iloveyou", "common"),
        ("monkey dragon sunshine football", "common"),
        ("aaaaaaaaaaaaaaaa", "common"),
        ("abcabcabcabcabcabc", "common"),
        ("123456789012345678", "common"),
        ("qwertyuiopasdfghjkl", "common"),
        ("poiuytrewqlkjhgfdsa", "common"),
        ("1qaz2wsx3edc4rfv", "common"),
        ("trustno1trustno1!", "common"),
        ("ｐａｓｓｗｏｒｄｐａｓｓｗｏｒｄ", "common"),
        ("Anna's secret umbrella", "name"),
        ("xx bERG xx quartz umbrella", "name"),
        ("umbrella fern quartz sings", "name"),
        ("x" * 1_025, "at most 1024"),
        ("您" * 342, "at most 1024"),
    ],
)
def test_what_others_would_try_is_refused_with_the_reason(password: str, because: str) -> None:
    with pytest.raises(Invalid, match=because) as told:
        check_password(password, known=KNOWN)
    assert told.value.field == "password"


def test_a_short_part_of_a_name_is_no_reason() -> None:
    check_password("a long ode to umbrellas", known=["Bo Li", "bo@li"])


def test_two_characters_of_a_chinese_name_are() -> None:
    with pytest.raises(Invalid, match="name"):
        check_password("我的名字叫小明所以这个密码很长很长", known=["小明"])


@given(st.text(max_size=200))
def test_anything_can_be_judged(password: str) -> None:
    try:
        check_password(password, known=[password[:5]])
    except Invalid:
        return
    assert len(password) >= MIN_CHARACTERS


@given(st.text(max_size=80))
def test_nothing_is_left_that_was_not_there(password: str) -> None:
    assert len(what_is_left(password)) <= len(password.casefold())
