"""What a visitor is greeted with."""

from __future__ import annotations

from chat.model import Site

ENGLISH = "Hello! How can we help you today?"
CHINESE = "您好！有什么可以帮您？"


def greeting(site: Site, language: str) -> str:
    """The site's greeting for a reader of ``language``, a language tag (BCP 47) or nothing.

    The business's own words come first, also those that it wrote for everybody; where it wrote none, Aican greets in
    the reader's language, as the panel does: Chinese, English for all others.
    """
    if language.lower().startswith("zh"):
        return site.greeting_zh or site.greeting or CHINESE
    return site.greeting or ENGLISH
