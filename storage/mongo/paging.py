"""Long reads, page after page: no cursor stays open, however slow the reader is."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

from chat.errors import Tampered
from storage.mongo.client import Document


async def paged(
    read: Callable[[Document | None], Awaitable[list[Document]]], is_placed: Callable[[Document], bool], size: int
) -> AsyncIterator[Document]:
    """Every document once, in order. ``read`` gives the ``size`` that follow a document, or the first ones.

    Reading goes on behind the last one that ``is_placed``: what an altered document holds in the place of its place
    is nothing to go on from. Raises Tampered when a whole page is of that kind: what follows cannot be reached.
    """
    last: Document | None = None
    astray: set[str] = set()
    while True:
        page = await read(last)
        for document in page:
            name = "" if is_placed(document) else repr(document["_id"])
            if name not in astray:
                yield document
            if name:
                astray.add(name)
        if len(page) < size:
            return
        last = next((document for document in reversed(page) if is_placed(document)), None)
        if last is None:
            raise Tampered(f"{size} records in a row have no place in their order")
