"""What stops a measurement."""

from __future__ import annotations


class BenchError(Exception):
    """A measurement that would mean nothing: something was lost, refused, or did not start. Says what."""
