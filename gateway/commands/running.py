"""Where commands write their log, and the orderly stop of those that run for long."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TextIO

import structlog
from structlog.typing import Processor


def logging_to(level: str) -> None:
    """Log lines of ``level`` and above to standard output: readable on a terminal, JSON for collectors elsewhere."""
    renderer = structlog.dev.ConsoleRenderer() if sys.stdout.isatty() else structlog.processors.JSONRenderer()
    _log(getattr(logging, level.upper()), sys.stdout, renderer)


def warnings_beside_output() -> None:
    """Warnings, and what is worse, to standard error: what a command is run for stands alone on standard output."""
    _log(logging.WARNING, sys.stderr, structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()))


def _log(number: int, stream: TextIO, renderer: Processor) -> None:
    logging.basicConfig(
        level=max(number, logging.WARNING), stream=stream, format="%(levelname)s %(name)s %(message)s", force=True
    )
    structlog.configure(
        logger_factory=structlog.PrintLoggerFactory(stream),
        wrapper_class=structlog.make_filtering_bound_logger(number),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        cache_logger_on_first_use=True,
    )


@asynccontextmanager
async def stopped() -> AsyncIterator[asyncio.Event]:
    """An event that SIGTERM and SIGINT set. Until the end of the block they do nothing else."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        yield stop
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
