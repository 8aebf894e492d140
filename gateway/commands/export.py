"""``aican export``: transcripts to a file or to standard output, by the code of the REST endpoint.

Columns and faults are those of gateway/web/API.md.
"""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import click

from chat.errors import Invalid, NotFound, OperatorError
from chat.ids import SiteId
from chat.model import Actor
from chat.transcripts.period import moment
from chat.transcripts.transcripts import Request
from chat.transcripts.writing import Format, written
from config.settings import Settings
from gateway.bootstrap import Stores, transcripts
from gateway.commands.business import in_business, no_such_site, unusable

_ELSEWHERE = "Make room there, or name another file with --output."


@click.command("export")
@click.option(
    "--format", "form", type=click.Choice([str(form) for form in Format]), default="ndjson", show_default=True
)
@click.option("--site", help="Only this site's conversations, by its key.")
@click.option("--from", "start", help="Opened from this moment on: 2026-11-23, or a time with its offset.")
@click.option("--to", "end", help="Opened before this moment.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="A file, readable by you alone.")
def command(form: str, site: str | None, start: str | None, end: str | None, output: Path | None) -> None:
    """Write transcripts, in order, one line a message.

    Nothing is left out in silence: a line without text says under `error` why.

    \b
    `tampered`            the message does not open: altered, moved, renumbered
    `missing`             no message has this number
    `damaged`             line 0 of a conversation whose record holds impossible
                          values; `text` names those fields
    `details_unreadable`  line 0, too: the visitor's page and browser do not open

    Standard error names each damaged document by collection and id.
    """
    request = Request(None if site is None else SiteId(site), _moment(start, "from"), _moment(end, "to"))
    if request.start is not None and request.end is not None and request.start >= request.end:
        raise OperatorError("--from is not before --to: nothing lies between.", "Exchange them, or leave one out.")

    async def work(settings: Settings, stores: Stores, actor: Actor) -> None:
        try:
            rows = await transcripts(stores).export(actor, request)
        except NotFound:
            raise no_such_site(request.site or "", await stores.sites.of(actor.workspace)) from None
        with _opened(output) as file:
            await _write(written(rows, Format(form)), file)

    in_business(work)


async def _write(pieces: AsyncIterator[bytes], file: BinaryIO) -> None:
    try:
        async for piece in pieces:
            file.write(piece)
        file.flush()
    except BrokenPipeError:
        _drop_standard_output()  # whoever reads has enough, as in `aican export | head`


def _drop_standard_output() -> None:
    """What is still in its buffer fails no more when Python flushes it at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def _opened(output: Path | None) -> Iterator[BinaryIO]:
    """Where the export goes. A file appears whole under its name, or not at all; only its owner may read it."""
    if output is None:
        try:
            yield sys.stdout.buffer
        except OSError as error:
            _drop_standard_output()
            raise OperatorError(f"standard output cannot be written ({error.strerror}).", _ELSEWHERE) from error
        return
    if not output.name:
        raise OperatorError(f"--output {str(output)!r} is no name of a file.", "Give one, such as transcripts.ndjson.")
    unfinished = output.with_name(f".{output.name}.unfinished")
    try:
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            yield file
        unfinished.replace(output)
    except OSError as error:
        raise OperatorError(f"{output} cannot be written ({error.strerror}).", _ELSEWHERE) from error
    finally:
        with suppress(OSError):  # then it never was there
            unfinished.unlink(missing_ok=True)


def _moment(text: str | None, option: str) -> int | None:
    try:
        return None if text is None else moment(text, option)
    except Invalid as error:
        raise unusable(f"--{option} {text!r}", error) from None
