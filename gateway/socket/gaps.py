"""Numbers that the record should have and does not: left open by a crash, or taken out by somebody."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from chat.ids import ClientId, ConversationId, Seq
from chat.model import Kind, MessageView, Role, Sealed

LATE_MS = 60_000
"""A number that a crash left open is closed by the next who follows the conversation, within seconds. One that is still
open under a message this old was more likely taken out of the record: readers are told."""
MOST = 100
"""Numbers that are told of in one answer; beyond it the record is not worth more lines."""


def with_missing(
    conversation: ConversationId, views: Sequence[MessageView], *, above: int | None, below: int
) -> list[MessageView]:
    """``views`` in order, with an unreadable message in the place of each number between ``above`` and ``below``, both
    outside, that has none; ``above`` None: nothing is known of what stands before the first."""
    found: list[MessageView] = []
    last, told = above, 0
    for view in views:
        if view.seq > 0 and last is not None and told < MOST:
            missing = range(last + 1, min(view.seq, last + 1 + MOST - told))
            found += [missing_view(conversation, number, view.at) for number in missing]
            told += len(missing)
        found.append(view)
        last = view.seq if view.seq > 0 else last
    if last is not None and views:
        rest = range(last + 1, min(below, last + 1 + MOST - told))
        found += [missing_view(conversation, number, views[-1].at) for number in rest]
    return found


def is_whole(sealed: Sequence[Sealed], *, below: int, limit: int) -> bool:
    """Whether these last messages below ``below``, ``limit`` at most, have every number."""
    numbers = [one.seq for one in sealed if one.seq > 0]
    first = 1 if len(sealed) < limit else (numbers[0] if numbers else 1)
    return numbers == list(range(first, below))


def missing_view(conversation: ConversationId, number: int, at: int) -> MessageView:
    """What stands where a message is missing; ``at`` is a neighbour's time."""
    name = ClientId(UUID(int=(conversation.int + number) % 2**128))
    return MessageView(Seq(number), name, Kind.UNREADABLE, Role.SYSTEM, None, at, "")


def is_late(above: Sealed, *, now_ms: int) -> bool:
    """Whether a number below this stored message has been open for longer than a crash leaves one."""
    return now_ms - above.at > LATE_MS


def whole_up_to(last: Sequence[Sealed], *, from_the_start: bool) -> Seq:
    """Up to where these last messages have no hole; what is below them has none."""
    top = 0 if from_the_start or not last else last[0].seq - 1
    for sealed in last:
        if sealed.seq != top + 1:
            break
        top = sealed.seq
    return Seq(top)


def newest(sealed: Sequence[Sealed], most_bytes: int) -> Sequence[Sealed]:
    """The last of them whose blobs are not more than this together."""
    weight, first = 0, len(sealed)
    while first > 0 and (weight := weight + len(sealed[first - 1].blob)) <= most_bytes:
        first -= 1
    return sealed[first:]
