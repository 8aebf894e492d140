"""A visitor's token is believed on its own site until it expires, and nothing else is."""

from __future__ import annotations

import base64
import hmac
import json
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.ids import SiteId, VisitorId
from chat.protocol.frames import Hello, Page
from chat.protocol.session import GREETING_BYTES
from chat.visitors.token import LIFETIME_S, VisitorTokens
from tests.clock import START_MS, ManualClock

KEY = bytes(range(32))
SITE, OTHER_SITE = SiteId("demo"), SiteId("other")
VISITOR = VisitorId(UUID("0192f0c1-0000-7000-8000-000000000001"))
CLAIMS = {
    "iss": "aican/visitor/v1",
    "aud": SITE,
    "sub": str(VISITOR),
    "iat": START_MS // 1000,
    "exp": START_MS // 1000 + LIFETIME_S,
}


@pytest.fixture
def tokens() -> VisitorTokens:
    return VisitorTokens(KEY)


def encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def token(claims: dict[str, Any] | bytes, *, key: bytes = KEY, digest: str = "sha256", **header: Any) -> str:
    """A token made by hand, with any claims and any header."""
    head = json.dumps({"alg": "HS256", "typ": "JWT"} | header)
    body = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
    signed = f"{encoded(head.encode())}.{encoded(body)}"
    return f"{signed}.{encoded(hmac.digest(key, signed.encode(), digest))}"


def believed(tokens: VisitorTokens, text: str, clock: ManualClock) -> VisitorId | None:
    return tokens.check(text, SITE, now_ms=clock.now_ms())


# --- believed --------------------------------------------------------------------------------------------------------


def test_a_token_names_its_visitor_on_every_gateway(tokens: VisitorTokens, clock: ManualClock) -> None:
    made = tokens.make(SITE, VISITOR, now_ms=clock.now_ms())
    assert believed(tokens, made, clock) == VISITOR
    assert believed(VisitorTokens(KEY), made, clock) == VISITOR


def test_a_token_by_the_standard_is_believed_whoever_made_it_with_the_key(
    tokens: VisitorTokens, clock: ManualClock
) -> None:
    assert believed(tokens, token(CLAIMS), clock) == VISITOR


def test_a_token_holds_who_where_and_until_when_and_nothing_else(tokens: VisitorTokens, clock: ManualClock) -> None:
    body = tokens.make(SITE, VISITOR, now_ms=clock.now_ms()).split(".")[1]
    assert json.loads(base64.urlsafe_b64decode(body + "==")) == CLAIMS


def test_a_token_fits_a_greeting(tokens: VisitorTokens, clock: ManualClock) -> None:
    made = tokens.make(SiteId("s" * 32), VISITOR, now_ms=clock.now_ms())
    Hello(1, "s" * 32, made, Page(), None, 0)
    assert len(made) < 1024 < GREETING_BYTES


def test_it_is_good_for_thirty_days_and_not_a_millisecond_longer(tokens: VisitorTokens, clock: ManualClock) -> None:
    made = tokens.make(SITE, VISITOR, now_ms=clock.now_ms())
    clock.advance(30 * 24 * 3600 - 0.001)
    assert believed(tokens, made, clock) == VISITOR
    clock.advance(0.001)
    assert believed(tokens, made, clock) is None


# --- not believed ----------------------------------------------------------------------------------------------------


def test_a_token_is_for_one_site(tokens: VisitorTokens, clock: ManualClock) -> None:
    made = tokens.make(SITE, VISITOR, now_ms=clock.now_ms())
    assert tokens.check(made, OTHER_SITE, now_ms=clock.now_ms()) is None
    assert tokens.check(made, SiteId(""), now_ms=clock.now_ms()) is None


@pytest.mark.parametrize(
    "forged",
    [
        token(CLAIMS, key=bytes(32)),
        token(CLAIMS, key=b""),
        token(CLAIMS, alg="none"),
        token(CLAIMS, alg="None").rsplit(".", 1)[0] + ".",
        token(CLAIMS, alg="HS512", digest="sha512"),
        token(CLAIMS, alg="RS256"),
        token(CLAIMS, alg=""),
        token(CLAIMS, alg=None),
        token(CLAIMS, alg=["HS256"]),
        token(CLAIMS, crit=["b64"], b64=False),
        token(CLAIMS, key=b"k" * 32, jwk={"kty": "oct", "k": encoded(b"k" * 32)}),
        token(CLAIMS, key=b"k" * 32, kid="../../dev/null"),
    ],
    ids=["key", "no key", "none", "unsigned", "HS512", "RS256", "empty", "null", "list", "crit", "own jwk", "kid"],
)
def test_a_forged_token_is_not_believed(tokens: VisitorTokens, clock: ManualClock, forged: str) -> None:
    assert believed(tokens, forged, clock) is None


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "aican/visitor/v2"},
        {"iss": None},
        {"aud": OTHER_SITE},
        {"aud": [SITE, OTHER_SITE]},
        {"aud": None},
        {"sub": "not a uuid"},
        {"sub": 7},
        {"sub": None},
        {"sub": ["0192f0c1-0000-7000-8000-000000000001"]},
        {"exp": 0},
        {"exp": START_MS // 1000},
        {"exp": "soon"},
        {"exp": None},
        {"exp": {"$gt": 0}},
        {"exp": float("nan")},
        {"exp": float("inf")},
    ],
    ids=str,
)
def test_claims_that_are_not_ours_are_not_believed_even_when_signed(
    tokens: VisitorTokens, clock: ManualClock, changed: dict[str, object]
) -> None:
    assert believed(tokens, token(CLAIMS | changed), clock) is None


@pytest.mark.parametrize("missing", ["iss", "aud", "sub", "exp"])
def test_a_token_without_a_claim_is_not_believed(tokens: VisitorTokens, clock: ManualClock, missing: str) -> None:
    assert believed(tokens, token({name: CLAIMS[name] for name in CLAIMS if name != missing}), clock) is None


def test_a_token_with_any_letter_changed_is_not_believed(tokens: VisitorTokens, clock: ManualClock) -> None:
    made = tokens.make(SITE, VISITOR, now_ms=clock.now_ms())
    for place in range(len(made) - 1):  # the last letter holds bits that say nothing
        other = "A" if made[place] != "A" else "B"
        assert believed(tokens, made[:place] + other + made[place + 1 :], clock) is None


@pytest.mark.parametrize(
    "garbage",
    ["", ".", "..", "...", "a.b.c", "é.é.é", "\x00", "null", "0", "[]", "{}", "👋" * 300, "." * 1024, "A" * 1024],
)
def test_garbage_is_not_believed(tokens: VisitorTokens, clock: ManualClock, garbage: str) -> None:
    assert believed(tokens, garbage, clock) is None


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"7", b'"text"', b"\xff", b"[" * 740, b"{"])
def test_a_signed_token_without_claims_is_not_believed(tokens: VisitorTokens, clock: ManualClock, body: bytes) -> None:
    assert believed(tokens, token(body), clock) is None


@given(text=st.text(max_size=200) | st.from_regex(r"[A-Za-z0-9_-]{0,60}(\.[A-Za-z0-9_-]{0,60}){2}", fullmatch=True))
def test_random_text_is_not_believed(text: str) -> None:
    assert VisitorTokens(KEY).check(text, SITE, now_ms=START_MS) is None
