"""One conversation for people to read: plain text and JSON, and the heading that the page shares with them."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from enum import StrEnum
from typing import Any

import msgspec

from chat.clock import as_datetime
from chat.model import State
from chat.transcripts.owned import owned
from chat.transcripts.rows import Fault, Row, opening, rfc3339
from chat.transcripts.transcripts import Transcript

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""Would steer the terminal that the text is shown in; line ends and tabs may stay."""
_SPEAKERS = {"visitor": "Visitor", "agent": "Agent", "system": "System"}
_encoder = msgspec.json.Encoder()


class Form(StrEnum):
    """How one conversation is written."""

    TXT = "txt"
    HTML = "html"
    JSON = "json"

    @property
    def media_type(self) -> str:
        """For ``Content-Type``, without a charset: all three are UTF-8."""
        return {Form.TXT: "text/plain", Form.HTML: "text/html", Form.JSON: "application/json"}[self]


def heading(transcript: Transcript) -> dict[str, Any]:
    """What stands above the messages, ready to be shown: empty where nothing is known."""
    conversation, visitor = transcript.conversation, transcript.visitor
    return {
        "conversation": str(conversation.id),
        "site": transcript.site.name if transcript.site else str(conversation.site),
        "state": State(conversation.state).name.lower(),
        "opened": "at an unknown time" if "opened_at" in conversation.damaged else minute(conversation.opened_at),
        "ended": "" if conversation.ended_at is None else minute(conversation.ended_at),
        "facts": {
            "Name": visitor.name,
            "E-mail": visitor.email,
            "Page": visitor.page_title,
            "Address": visitor.page_url,
            "Browser": ", ".join(part for part in (visitor.browser, visitor.system, visitor.device) if part),
            "Language": visitor.language,
            "Time zone": visitor.timezone,
        },
    }


def speaker(row: Row) -> str:
    """Who is said to have written: side and name."""
    side = _SPEAKERS.get(row.role, "")
    return f"{side} {row.author}".strip() if row.author else side


def saying(row: Row) -> str:
    """What a line says, faults in words; a number that nobody used says nothing."""
    match row.error:
        case Fault.TAMPERED:
            which = f"Message {row.seq}" if row.seq else "A message without a number"
            return f"[{which} cannot be read: what is stored is not what was sent, or its key was destroyed.]"
        case Fault.MISSING:
            return f"[From number {row.seq} on, messages are missing from the record.]"
        case Fault.DAMAGED:
            return f"[The record of this conversation is damaged and is shown without what it held in: {row.text}.]"
        case Fault.DETAILS:
            return "[Details unreadable: the visitor's page and browser as stored were altered, or the key destroyed.]"
    return row.text


async def text(transcript: Transcript) -> AsyncIterator[str]:
    """Plain text. Lines of a message but its first are indented, so that no message can look like two."""
    above = heading(transcript)
    yield f"{_plain(above['site'])} · conversation {above['conversation']}\nOpened {above['opened']}"
    yield f", ended {above['ended']}\n" if above["ended"] else "\n"
    for name, value in above["facts"].items():
        if value:
            yield f"{name}: {_plain(value)}\n"
    yield "\n"
    async with owned(transcript.rows):
        async for row in transcript.rows:
            if said := saying(row):
                who = f"{speaker(row)}:" if row.kind == "text" else "*"
                yield f"[{row.at or '?'}] {_plain(who)} {_plain(said)}\n"


async def json(transcript: Transcript) -> AsyncIterator[bytes]:
    """One JSON object: the conversation's record, and its messages in order."""
    conversation = transcript.conversation
    record = {
        "id": str(conversation.id),
        "site": str(conversation.site),
        "site_name": transcript.site.name if transcript.site else "",
        "state": None if "state" in conversation.damaged else State(conversation.state).name.lower(),
        "opened_at": opening(conversation),
        "claimed_at": rfc3339(conversation.claimed_at),
        "ended_at": rfc3339(conversation.ended_at),
        "damaged": conversation.damaged,
        "visitor": msgspec.structs.asdict(transcript.visitor),
    }
    yield b'{"conversation":' + _encoder.encode(record) + b',"messages":['
    between = b"\n"
    async with owned(transcript.rows):
        async for row in transcript.rows:
            yield between + _encoder.encode(row)
            between = b",\n"
    yield b"\n]}\n"


def clock(at: str) -> str:
    """Of a row's time what a reader wants beside each message: ``2026-11-23 10:30:05``."""
    return at[:19].replace("T", " ")


def minute(at_ms: int) -> str:
    """A time for people: ``2026-11-23 10:30 UTC``."""
    return as_datetime(at_ms).strftime("%Y-%m-%d %H:%M UTC")


def _plain(value: str) -> str:
    return _CONTROLS.sub("\ufffd", value.replace("\r\n", "\n")).replace("\n", "\n    ")
