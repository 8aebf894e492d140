"""What one connection carried, frame by frame as it came, and the promises that hold within one connection.

A client hides much: it drops what comes twice and asks for what did not come. Here nothing is dropped and nothing asked
for, so whatever a gateway sends wrongly is there to be seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias
from uuid import UUID

from chat.protocol.frames import Message, Snapshot, Tops

Carried: TypeAlias = Message | Snapshot | Tops
"""The frames that say where a conversation stands."""


@dataclass(slots=True)
class Strand:
    """One welcomed connection of somebody who only reads."""

    who: str
    asked: dict[UUID, int] = field(default_factory=dict)
    """The position that was told when a conversation was asked for, once each."""
    frames: list[Carried] = field(default_factory=list)
    is_open: bool = True
    """Not ended by anybody; at the end of a run everything must have come over it."""
    end: str = ""
    """How it ended: the code of the close, or in a word."""


class Fault(NamedTuple):
    """What a gateway sent wrongly."""

    is_doubled: bool
    """Sent again what it had sent; else something is missing."""
    text: str


def faults(strand: Strand, record: Mapping[UUID, int]) -> Iterator[Fault]:
    """Every message that was sent twice or left out within this connection. ``record`` has the highest number of each
    conversation in the end: who is still connected then was sent that."""
    has: dict[UUID, int] = {}
    for frame in strand.frames:
        match frame:
            case Message():
                yield from _message(frame, has)
            case Snapshot():
                yield from _snapshot(frame, strand, has)
            case Tops():
                for conversation, top in frame.positions:
                    if top > has.get(conversation, 0):
                        yield Fault(False, f"{_here(conversation)} told of {top} and sent {has.get(conversation, 0)}")
    for conversation in strand.asked if strand.is_open else ():
        if has.get(conversation, 0) < record.get(conversation, 0):
            last = has.get(conversation, 0)
            yield Fault(False, f"{_here(conversation)} sent nothing after {last} of {record[conversation]}")


def _message(frame: Message, has: dict[UUID, int]) -> Iterator[Fault]:
    before, seq = has.get(frame.conversation, 0), frame.message.seq
    has[frame.conversation] = max(before, seq)
    if seq <= before:
        yield Fault(True, f"{_here(frame.conversation)} sent {seq} after {before}")
    elif seq > before + 1:
        yield Fault(False, f"{_here(frame.conversation)} sent {seq} after {before}")


def _snapshot(frame: Snapshot, strand: Strand, has: dict[UUID, int]) -> Iterator[Fault]:
    """``recovered``: everything after the asked position. Else the latest, without a hole. Both up to the top."""
    conversation, top = frame.conversation.conversation, frame.conversation.top
    what = f"{_here(conversation)} {'recovered' if frame.recovered else 'fresh'}"
    seqs = [message.seq for message in frame.messages if message.seq]
    asked = strand.asked.get(conversation, 0)
    first = asked + 1 if frame.recovered else (seqs[0] if frame.more else 1) if seqs else top + 1
    last = asked if frame.recovered else 0
    if seqs:
        last = seqs[-1]
    if len(set(seqs)) < len(seqs):
        yield Fault(True, f"{what} holds a number twice: {seqs}")
    elif seqs != list(range(first, last + 1)):
        yield Fault(False, f"{what} after {asked} should go on from {first}: {seqs}")
    if last < top:
        yield Fault(False, f"{what} after {asked} ends with {last} below {top}")
    if has.get(conversation, 0) >= first and seqs:
        yield Fault(True, f"{what} from {first} on, sent up to {has[conversation]} before")
    has[conversation] = max(last, has.get(conversation, 0))


def _here(conversation: UUID) -> str:
    return f"conversation {str(conversation)[:8]}:"
