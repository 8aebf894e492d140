"""Links that are sent to people."""

from __future__ import annotations


def invitation_link(public_url: str, token: str) -> str:
    """Where an invitation is accepted. The token stands after the ``#``, which browsers keep to themselves."""
    return f"{public_url.rstrip('/')}/console/welcome#{token}"
