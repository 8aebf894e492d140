"""Answers of the transcript endpoints, read as their consumers do."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import httpx

from chat.model import Conversation

EXPORT = "/api/v1/transcripts"


def lines(answer: httpx.Response) -> list[dict[str, Any]]:
    """The rows of NDJSON."""
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


def records(answer: httpx.Response) -> list[dict[str, str]]:
    """The rows of CSV."""
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


def of_one(conversation: Conversation) -> str:
    """Where one conversation's transcript is."""
    return f"/api/v1/conversations/{conversation.id}/transcript"
