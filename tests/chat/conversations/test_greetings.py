"""What a visitor is greeted with, by whose words there are and by the reader's language."""

from __future__ import annotations

from uuid import UUID

import pytest

from chat.conversations.greetings import CHINESE, ENGLISH, greeting
from chat.ids import SiteId, WorkspaceId
from chat.model import Site


def site(everybody: str, chinese: str) -> Site:
    return Site(SiteId("s"), WorkspaceId(UUID(int=1)), "Shop", (), everybody, "", "", 0, chinese)


@pytest.mark.parametrize(
    ("everybody", "chinese", "language", "told"),
    [
        ("", "", "en-GB", ENGLISH),
        ("", "", "", ENGLISH),
        ("", "", "de", ENGLISH),
        ("", "", "zh-CN", CHINESE),
        ("", "", "ZH-tw", CHINESE),
        ("Hallo!", "", "en", "Hallo!"),
        ("Hallo!", "", "zh", "Hallo!"),
        ("Hallo!", "欢迎！", "zh-Hans-CN", "欢迎！"),
        ("Hallo!", "欢迎！", "de", "Hallo!"),
        ("", "欢迎！", "de", ENGLISH),
    ],
)
def test_own_words_first_and_else_the_readers_language(everybody: str, chinese: str, language: str, told: str) -> None:
    assert greeting(site(everybody, chinese), language) == told
