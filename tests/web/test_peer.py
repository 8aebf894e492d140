"""Whose address counts: the peer's own, and behind trusted proxies the one that the first of them saw."""

from __future__ import annotations

import pytest
from starlette.requests import Request

from config.settings import load
from gateway.web.requests import peer_of

OURS = "10.0.0.0/8, fd00::/8"


def request(peer: str, *forwarded: str) -> Request:
    headers = [(b"x-forwarded-for", line.encode()) for line in forwarded]
    return Request({"type": "http", "client": (peer, 1), "headers": headers})


@pytest.mark.parametrize(
    ("peer", "forwarded", "counts"),
    [
        ("10.0.0.2", ["203.0.113.7"], "203.0.113.7"),
        ("10.0.0.2", ["198.51.100.9, 203.0.113.7"], "203.0.113.7"),
        ("10.0.0.2", ["203.0.113.7, 10.0.0.3"], "203.0.113.7"),
        ("10.0.0.2", ["198.51.100.9", "203.0.113.7"], "203.0.113.7"),
        ("fd00::2", ["2001:db8::7"], "2001:db8::7"),
        ("10.0.0.2", [], "10.0.0.2"),
        ("203.0.113.50", ["10.0.0.9"], "203.0.113.50"),
    ],
)
def test_only_trusted_proxies_are_believed_and_only_what_they_saw_themselves(
    monkeypatch: pytest.MonkeyPatch, peer: str, forwarded: list[str], counts: str
) -> None:
    monkeypatch.setenv("AICAN_TRUSTED_PROXIES", OURS)
    assert peer_of(request(peer, *forwarded), load().proxies) == counts


def test_without_the_setting_nobody_is_believed() -> None:
    assert load().proxies == ()
    assert peer_of(request("10.0.0.2", "203.0.113.7"), load().proxies) == "10.0.0.2"
