"""A shop's own pages on an origin of their own, and what can be seen of the widget from there."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from playwright.sync_api import Page

HEAD = (
    "<!doctype html><meta charset=utf-8><meta name=viewport content='width=device-width'><title>Shop</title>"
    "<link rel=icon href='data:,'>"
)


@dataclass
class Shop:
    """A server that answers every address with one page: what its head needs, then ``body``."""

    origin: str
    body: str


@contextmanager
def shop(body: str = "") -> Iterator[Shop]:
    """A shop at a free port, until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write((HEAD + here.body).encode())

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        here = Shop(f"http://127.0.0.1:{server.server_port}", body)
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        serving.start()
        try:
            yield here
        finally:
            server.shutdown()
            serving.join()


def snippet(web: str, key: str) -> str:
    """The line that a customer pastes."""
    return f'<script async src="{web}/widget.js" data-site="{key}"></script>'


@dataclass(frozen=True)
class Seen:
    """What the widget shows in its closed shadow root, which only a debugger looks into."""

    reach: str | None
    """How the panel stands: None before the visitor opened it."""
    said: str
    hidden: bool


def widget(page: Page) -> Seen:
    """The widget of this page. Raises AssertionError when there is none."""
    debugger = page.context.new_cdp_session(page)
    try:
        root = debugger.send("DOM.getDocument", {"depth": -1, "pierce": True})["root"]
    finally:
        debugger.detach()
    host = next((node for node in _under(root) if _attributes(node).get("id") == "aican"), None)
    assert host is not None, "there is no widget in this page"
    inside = [node for shadow in host["shadowRoots"] for node in _under(shadow)]
    reach = [found for node in inside if (found := _attributes(node).get("data-reach"))]
    said = [text["nodeValue"] for node in inside if node["nodeName"] == "P" for text in node.get("children", [])]
    return Seen(reach[0] if reach else None, "".join(said), "hidden" in _attributes(host))


def _under(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The node and what it holds, without the documents of frames."""
    yield node
    for child in node.get("children", []):
        yield from _under(child)


def _attributes(node: dict[str, Any]) -> dict[str, str]:
    flat = node.get("attributes", [])
    return dict(zip(flat[::2], flat[1::2], strict=True))
