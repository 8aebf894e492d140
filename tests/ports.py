"""Ports of the loopback for servers of the tests' own."""

from __future__ import annotations

import socket

_given: set[int] = set()


def free_port() -> int:
    """A port that nobody listened on a moment ago, and that was not given before: two servers want two."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        if port not in _given:
            _given.add(port)
            return port
