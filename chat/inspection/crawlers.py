"""Crawlers that say so in their User-Agent header. They cost no session and no record.

A browser must never match: where a word stands in both, the crawler gets away, and other signals have to find it.
"""

from __future__ import annotations

from functools import lru_cache

import regex

_MARKS = regex.compile(
    # what crawlers call themselves, as a word or the end of one; «cubot» is a brand of phones
    r"(?<!cu)bots?(?![a-z])|crawl|spider|slurp|scrap(?:e|er|ing|y)\b|archiv|fetch|indexer|preview|validator"
    r"|monitor(?:ing)?\b|\bscanner\b|checker|analy[sz]er|uptime|lighthouse|pagespeed|phantomjs"
    r"|prerender|\bfeed|\brss\b|\bseo\b|\bagent\b"
    r"|compatible; (?!konqueror|netpositive)[a-z]+/[\d.]+"
    # libraries and tools rather than browsers, which stand first
    # (a library that speaks WebSocket is a client of ours, not a crawler)
    r"|^(?!.*websocket)(?:curl|wget|httpie|python|java/|okhttp|go[- ]|libwww|lwp[: -]|perl|ruby|php|node|axios"
    r"|got[ /(]|aiohttp|guzzle|postman|insomnia|apache|http)"
    # an address to write to or to read about it, which people's browsers do not carry
    r"|https?://|[\w.-]@[a-z]"
    # known by name alone
    r"|facebookexternalhit|mediapartners|googleother|google-|googleimageproxy|google favicon|telegram|skypeuri"
    r"|embedly|vkshare|w3c_|ahrefs|semrush|nutch|heritrix|netcraft|censys|zgrab|masscan|nmap|nikto|sqlmap|gomezagent"
    r"|catchpoint|dareboost|\bdcv\b|verification"
    r"|[a-z]-google\b|meta-external|facebookcatalog|anthropic-ai|claude-web|cohere-ai|qwantify|omgili|iframely|sitebulb"
    r"|\b(?:chatgpt|claude|perplexity|mistralai|manus)-user\b|barkrowler|pingdom|statuscake|site24x7"
    r"|relicpinger|\bnuclei\b"
    # names that browsers carry, too, but never begin with
    r"|^(?:yeti|daum|whatsapp)\b|^yandex(?!browser|search)",
    regex.IGNORECASE,
)
_AUTOMATION = regex.compile(r"headless|selenium|puppeteer|playwright|cypress|webdriver", regex.IGNORECASE)


@lru_cache(maxsize=4096)
def is_crawler(user_agent: str) -> bool:
    """Whether this header declares a crawler or a tool. No header at all is no declaration."""
    return bool(user_agent) and _MARKS.search(user_agent) is not None


@lru_cache(maxsize=4096)
def is_automated(user_agent: str) -> bool:
    """Whether this header says that a program drives the browser: people's tests do it too, so it is only a hint."""
    return _AUTOMATION.search(user_agent) is not None
