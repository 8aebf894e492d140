"""Crawlers that say what they are cost nothing; no browser is ever taken for one.

Of the 276 browsers and 305 crawlers in the fixtures beside the repository, measured: no browser matches, and 197 of
the crawlers do (64.6 %). Most of the others are rare tools without a word that browsers do not use.
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from chat.inspection.crawlers import is_automated, is_crawler
from tests.chat.inspection.user_agents import AUTOMATED, BROWSERS, CRAWLERS, LIBRARIES, NAMES

FIXTURES = Path(__file__).resolve().parents[4] / "shared" / "data" / "user_agents.tsv"


@pytest.mark.parametrize("user_agent", BROWSERS)
def test_a_browser_is_no_crawler(user_agent: str) -> None:
    assert not is_crawler(user_agent)


@pytest.mark.parametrize("user_agent", [*CRAWLERS, *NAMES])
def test_a_crawler_that_says_so_is_one_in_any_case_of_letters(user_agent: str) -> None:
    assert is_crawler(user_agent)
    assert is_crawler(user_agent.upper())
    assert is_crawler(user_agent.lower())


@pytest.mark.parametrize("user_agent", AUTOMATED)
def test_a_browser_that_a_program_drives_is_no_crawler_but_says_so(user_agent: str) -> None:
    assert is_automated(user_agent)
    assert not is_crawler(user_agent)


@pytest.mark.parametrize("user_agent", [*BROWSERS, *LIBRARIES])
def test_nobody_else_is_said_to_be_driven(user_agent: str) -> None:
    assert not is_automated(user_agent)
    assert not is_crawler(user_agent)


@pytest.mark.skipif(not FIXTURES.exists(), reason="the fixtures are not beside this repository")
def test_no_browser_of_the_fixtures_matches_and_most_crawlers_do() -> None:
    rows = [line.split("\t", 1) for line in FIXTURES.read_text(encoding="utf-8").splitlines()]
    browsers = [header for kind, header in rows if kind == "browser"]
    crawlers = [header for kind, header in rows if kind == "bot"]
    assert len(browsers) > 200
    assert len(crawlers) > 200
    assert [header for header in browsers if is_crawler(header)] == []
    assert sum(map(is_crawler, crawlers)) / len(crawlers) >= 0.64


@pytest.mark.parametrize("header", ["a" * 512, "Mozilla/5.0 " + "(compatible; " * 38, "." * 511 + "@", "-" * 512])
def test_no_header_takes_long_to_judge(header: str) -> None:
    is_crawler.cache_clear()
    began = time.process_time()
    is_crawler(header)
    assert time.process_time() - began < 0.02  # 0.2 ms where nothing else runs
