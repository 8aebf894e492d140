"""Pages from templates; every value is escaped."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

FOLDER = Path(__file__).parent / "templates"
PLAIN_PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""For pages without scripts."""

_environment = Environment(
    loader=FileSystemLoader(FOLDER),
    autoescape=True,
    undefined=StrictUndefined,
    enable_async=True,
    trim_blocks=True,
    lstrip_blocks=True,
)


async def page(
    template: str,
    values: Mapping[str, Any],
    *,
    status: int = 200,
    policy: str = PLAIN_PAGE_POLICY,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A page with its content security policy."""
    text = await _environment.get_template(template).render_async(values)
    return HTMLResponse(text, status, {**(headers or {}), "Content-Security-Policy": policy})


def streamed(template: str, values: Mapping[str, Any]) -> AsyncIterator[str]:
    """A page in pieces, for one that may be long; its values may be async iterators."""
    stream: AsyncIterator[str] = _environment.get_template(template).generate_async(values)
    return stream


@cache
def style(name: str) -> str:
    """The text of a style sheet that a page carries within itself."""
    return (FOLDER / name).read_text(encoding="utf-8")


@cache
def style_source(name: str) -> str:
    """That style sheet as a source in a content security policy: its SHA-256 (CSP Level 3 §2.3.1)."""
    return f"'sha256-{b64encode(sha256(style(name).encode()).digest()).decode()}'"
