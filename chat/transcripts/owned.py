"""Streams that end with whoever reads them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any


@asynccontextmanager
async def owned(stream: AsyncIterator[Any]) -> AsyncIterator[None]:
    """Close ``stream`` at the end of the block: a reader that stops early (a closed browser) must not leave a cursor
    open in the store until the garbage collector comes by."""
    try:
        yield
    finally:
        close = getattr(stream, "aclose", None)
        if close is not None:
            await close()
