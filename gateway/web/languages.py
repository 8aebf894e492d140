"""Which of our languages a reader would rather read."""

from __future__ import annotations

LANGUAGES = ("en", "zh")


def preferred(accept_language: str) -> str:
    """``en`` or ``zh`` by an ``Accept-Language`` header (RFC 9110 §12.5.4); English where it wants neither."""
    wishes = {language: _weight(accept_language[:500], language) for language in LANGUAGES}
    return max(LANGUAGES, key=lambda language: wishes[language])


def _weight(header: str, language: str) -> float:
    weights = [0.0]
    for part in header.lower().split(","):
        tag, _, parameters = part.partition(";")
        if tag.strip().split("-")[0] == language:
            weights.append(_quality(parameters))
    return max(weights)


def _quality(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return min(max(float(value), 0.0), 1.0)
    except ValueError:
        return 0.0
