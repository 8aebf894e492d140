"""Limits of this process and its children."""

from __future__ import annotations

import resource

from tests.bench.errors import BenchError

_SPARE = 500
"""Descriptors beside the connections: stores, logs, libraries."""


def allow_connections(count: int) -> None:
    """Let this process and what it starts open so many. Raises BenchError where the system allows fewer."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count + _SPARE
    if hard != resource.RLIM_INFINITY and hard < wanted:
        raise BenchError(f"{count} connections need {wanted} open files; this system allows {hard} (ulimit -Hn)")
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
