"""Ports that stay ours: the kernel gives none of them to outgoing connections, so whoever stops can listen again."""

from __future__ import annotations

import random
import socket

QUIET = range(20_000, 30_000)
"""Below Linux' ephemeral ports (net.ipv4.ip_local_port_range begins at 32768)."""


def quiet_port() -> int:
    """A port that nobody uses at this moment. Which one is left to chance, not to a seed: others may hold any."""
    while True:
        port = random.choice(QUIET)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
