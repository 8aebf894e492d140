"""Failures that mean the same in every store."""

from __future__ import annotations


class NotLetIn(Exception):
    """The server wants another user name or password than the address holds, or gives them too few rights."""
