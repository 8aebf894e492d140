"""What commands about one workspace share: the stores, and whom they act as."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar

from chat.errors import Invalid, OperatorError
from chat.model import Actor, Site
from config.settings import Settings, load
from gateway.bootstrap import Stores, open_stores
from gateway.commands.running import warnings_beside_output

PATIENCE_S = 3.0
"""Somebody waits at a terminal: a store that is away is told soon."""
SITES_SHOWN = 10
"""Sites that an error names: what fits a few lines."""
_Result = TypeVar("_Result")


@asynccontextmanager
async def business(settings: Settings) -> AsyncIterator[tuple[Stores, Actor]]:
    """The stores, and the system of the first workspace. Raises OperatorError when there is none yet."""
    async with open_stores(settings, patience_s=PATIENCE_S) as stores:
        workspace = await stores.workspaces.first()
        if workspace is None:
            raise OperatorError("There is no workspace yet.", "Run `aican up` once: it makes the first one.")
        yield stores, Actor.system(workspace.id)


def in_business(work: Callable[[Settings, Stores, Actor], Awaitable[_Result]]) -> _Result:
    """Run a command's work on the stores of this installation; what it returns.

    Raises OperatorError: wrong settings, a store that is away, no workspace yet, an option that cannot be used.
    """
    settings = load()
    warnings_beside_output()

    async def run() -> _Result:
        async with business(settings) as (stores, actor):
            return await work(settings, stores, actor)

    try:
        return asyncio.run(run())
    except Invalid as error:
        raise unusable(f"--{error.field.replace('_', '-')}", error) from None


def unusable(what: str, error: Invalid) -> OperatorError:
    """The error for input that the rules refuse; ``what`` is where it was given."""
    return OperatorError(f"{what} cannot be used; wanted: {error.expected.rstrip('.')}.", "Correct it.")


def no_such_site(key: str, sites: Sequence[Site]) -> OperatorError:
    """The error for a key that is none of the workspace's; names the ``sites`` that there are, ten of them at most."""
    known = [f"{site.id} ({site.name})" for site in sites[:SITES_SHOWN]]
    if len(sites) > SITES_SHOWN:
        known.append(f"{len(sites) - SITES_SHOWN} more")
    remedy = f"The sites are: {', '.join(known)}." if known else "There is none yet: `aican site create` makes one."
    return OperatorError(f"there is no site with the key {key!r}.", remedy)
