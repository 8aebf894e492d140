"""Where the data and the key ring lie, looked at without making or writing anything."""

from __future__ import annotations

import asyncio
import contextlib
import os
from pathlib import Path

from chat.errors import OperatorError
from chat.ports import KeyRing
from config.local.directories import check_data_directory_can_be, in_the_way, nearest
from config.local.stores import MONGODB
from config.settings import Settings
from gateway.commands import checks

_ELSEWHERE = "Make it writable for this user, or set AICAN_DATA_DIR to another place."


def data_dir(path: Path) -> str:
    """The data directory, and how much room there is. Raises OperatorError: a start could not write there."""
    check_data_directory_can_be(path)
    there = nearest(path)
    if not os.access(there, os.W_OK | os.X_OK):
        raise OperatorError(f"cannot write to {there}.", _ELSEWHERE)
    told = str(path) if there == path else f"{path}, not there yet: the first start makes it"
    return f"{told}, {checks.disk(there)}"


def key_ring(settings: Settings) -> str:
    """The key ring. One that is missing is made by the first start, unless there is something that it must open.

    Raises OperatorError: readable by others, damaged, lost, or of another database than the one that runs.
    """
    path = settings.keyring
    check_key_ring(settings)
    if os.path.lexists(path):
        return f"{path}, whole and readable by this user only"
    _check_no_database_lies(settings)
    return f"{path}, not there yet: the first start makes it"


def check_key_ring(settings: Settings) -> None:
    """What can be known of the key ring without starting a store. Raises OperatorError as ``key_ring`` does; a local
    database that does not run is not asked."""
    from storage.keyring.file import open_ring

    path = settings.keyring
    if os.path.lexists(path):
        _check_belongs(settings, open_ring(path))
    else:
        _check_nothing_is_sealed(settings)
        _check_can_be_made(path)


def _check_belongs(settings: Settings, ring: KeyRing) -> None:
    if not _runs(settings):
        return
    from gateway.bootstrap.ring import belongs_to_store, foreign_ring

    is_ours = True
    with contextlib.suppress(OperatorError):  # a store that is away has a line of its own
        is_ours = asyncio.run(belongs_to_store(settings, ring, patience_s=0))
    if not is_ours:
        raise foreign_ring(settings)


def _runs(settings: Settings) -> bool:
    return settings.mongodb_url is not None or MONGODB.answers(settings.data_dir)


def _check_nothing_is_sealed(settings: Settings) -> None:
    if not _runs(settings):
        return
    from gateway.bootstrap.start import lost_ring

    if asyncio.run(_holds_records(settings)):
        raise lost_ring(settings)


def _check_no_database_lies(settings: Settings) -> None:
    database = settings.data_dir / "mongodb"
    if not _runs(settings) and database.is_dir() and any(database.iterdir()):
        raise OperatorError(
            f"there is no key ring at {settings.keyring}, but a database lies in {database}.",
            "Restore the key ring from your backup, or point AICAN_KEYRING at it; if there never was one, "
            "`aican up` makes it.",
        )


def _check_can_be_made(path: Path) -> None:
    if reason := in_the_way(path.parent):
        raise OperatorError(
            f"the key ring cannot be made in {path.parent}: {reason}.", "Correct AICAN_DATA_DIR or AICAN_KEYRING."
        )
    there = nearest(path.parent)
    if not os.access(there, os.W_OK | os.X_OK):
        raise OperatorError(f"the key ring cannot be made in {there}.", "Make it writable, or set AICAN_KEYRING.")


async def _holds_records(settings: Settings) -> bool:
    from gateway.bootstrap.start import holds_records

    with contextlib.suppress(OperatorError):  # a store that is away has a line of its own
        return await holds_records(settings, patience_s=0)
    return False
