"""``aican export``: transcripts to a file or to standard output, by the code of the REST endpoint."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import click

from chat.errors import Invalid, OperatorError
from chat.ids import SiteId
from chat.model import Actor
from chat.transcripts.period import moment
from chat.transcripts.transcripts import Request
from chat.transcripts.writing import Format, written
from config.settings import Settings
from gateway.bootstrap import Stores, transcripts
from gateway.commands.business import in_business


@click.command("export")
@click.option(
    "--format", "form", type=click.Choice([str(form) for form in Format]), default="ndjson", show_default=True
)
@click.option("--site", help="Only this site's conversations, by its key.")
@click.option("--from", "start", help="Opened from this moment on: 2026-11-23, or a time with its offset.")
@click.option("--to", "end", help="Opened before this moment.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="A file, readable by you alone.")
def command(form: str, site: str | None, start: str | None, end: str | None, output: Path | None) -> None:
    """Write transcripts, in order. Messages that do not open have their own line, with the reason under ``error``."""
    request = Request(SiteId(site) if site else None, _moment(start, "from"), _moment(end, "to"))

    async def work(settings: Settings, stores: Stores, actor: Actor) -> None:
        rows = await transcripts(stores).export(actor, request)
        with _opened(output) as file:
            await _write(written(rows, Format(form)), file)

    in_business(work)


async def _write(pieces: AsyncIterator[bytes], file: BinaryIO) -> None:
    try:
        async for piece in pieces:
            file.write(piece)
        file.flush()
    except BrokenPipeError:
        # Whoever reads has enough, as in `aican export | head`; nothing is left to be flushed there at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def _opened(output: Path | None) -> Iterator[BinaryIO]:
    """Where the export goes. A file appears whole under its name, or not at all; only its owner may read it."""
    if output is None:
        yield sys.stdout.buffer
        return
    unfinished = output.with_name(f".{output.name}.unfinished")
    try:
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            yield file
        unfinished.replace(output)
    except OSError as error:
        raise OperatorError(f"{output} cannot be written ({error.strerror}).", "Name another file.") from error
    finally:
        unfinished.unlink(missing_ok=True)


def _moment(text: str | None, option: str) -> int | None:
    try:
        return None if text is None else moment(text, option)
    except Invalid as error:
        raise OperatorError(f"--{option} must be {error.expected}.", "Correct it.") from None
