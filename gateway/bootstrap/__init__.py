"""The composition root: the one place that names concrete adapters and wires them to the rules."""

from gateway.bootstrap.parts import gateway_parts, job_parts, web_parts
from gateway.bootstrap.services import conversation_service, hashing, membership, transcripts
from gateway.bootstrap.start import FirstRun, first_run
from gateway.bootstrap.stores import Stores, open_stores

__all__ = [
    "FirstRun",
    "Stores",
    "conversation_service",
    "first_run",
    "gateway_parts",
    "hashing",
    "job_parts",
    "membership",
    "open_stores",
    "transcripts",
    "web_parts",
]
