"""Where a gateway's time goes, by the stages of a message's way: a table of places in the code, and stacks put into it.

Only samples of the thread that holds the interpreter's lock are used: those are at work, whatever else the machine
does. A stack belongs to the stage of its innermost frame that the table knows. Drivers and the standard library are in
no line, so their time counts where they were called. What CPU remains was spent without the lock: the event loop's
reads and waits, and the drivers' sockets.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

LOOP = "event loop"
THREADS = "driver's threads"
UNLOCKED = "kernel: reads, waits, drivers' sockets"
OTHER = "other"

STAGES: tuple[tuple[str, str, str], ...] = (
    # stage, start of the path, functions (a pattern; empty: all)
    ("read and parse", "websockets/", ""),
    ("read and parse", "chat/protocol/session", ""),
    ("read and parse", "chat/protocol/codec", r"decode|_unpack|_decode"),
    ("read and parse", "gateway/socket/", r"data_received|_heard|_received"),
    ("read and parse", "gateway/socket/intake", ""),
    ("budget and inspect", "chat/budgets/", ""),
    ("budget and inspect", "chat/inspection/", ""),
    ("number", "storage/redis/numbers", ""),
    ("number", "storage/redis/scripts", ""),
    ("seal", "chat/sealing/messages", r"seal"),
    ("open", "chat/sealing/", ""),
    ("store", "storage/mongo/", ""),
    ("store", "storage/gathering", ""),
    ("publish", "storage/redis/bus", r"publish"),
    ("publish", "chat/protocol/facts", r"encode"),
    ("hear from the bus", "storage/redis/bus", ""),
    ("hear from the bus", "storage/redis/subscriber", ""),
    ("hear from the bus", "storage/redis/inbox", ""),
    ("hear from the bus", "chat/protocol/facts", ""),
    ("hear from the bus", "gateway/socket/hearsay", ""),
    ("hear from the bus", "gateway/socket/server", r"_follow_bus|_route|_everybody"),
    ("Redis commands and replies", "storage/redis/", ""),
    ("encode frames", "chat/protocol/codec", ""),
    ("encode frames", "gateway/socket/outgoing", ""),
    ("write to sockets", "gateway/socket/outlet", ""),
    ("write to sockets", "gateway/socket/", r"offer|send|answer|_flush"),
    ("put in order and show", "gateway/socket/feed", ""),
    ("put in order and show", "gateway/socket/inbox", ""),
    ("put in order and show", "chat/conversations/views", ""),
    ("carry out", "gateway/socket/", ""),
    ("carry out", "chat/delivery/", ""),
    ("carry out", "chat/", ""),
)

_FRAME = re.compile(r"^(?P<function>.*) \((?P<path>[^:()]*)(?::\d+)?\)$")
_THREAD = "Thread._bootstrap"
_IN_LOOP = ("asyncio/runners", "uvloop/")


def by_stage(stacks: Iterable[str]) -> Counter[str]:
    """Samples by stage, from folded stacks: outermost frame first, each line with its count."""
    found: Counter[str] = Counter()
    for line in stacks:
        folded, _, count = line.strip().rpartition(" ")
        frames = folded.split(";")
        found[THREADS if frames[0].startswith(_THREAD) else stage(frames)] += int(count)
    return found


def stage(frames: list[str]) -> str:
    """The stage of a stack, outermost frame first."""
    for frame in reversed(frames):
        found = _FRAME.match(frame)
        if found is None:
            continue
        if any(place in found["path"] for place in _IN_LOOP):
            return LOOP
        function = found["function"].rpartition(".")[2]
        for name, path, functions in STAGES:
            if path in found["path"] and (not functions or re.search(functions, function)):
                return name
    return OTHER


def microseconds(samples: Counter[str], rate: float, cpu_s: float, units: float) -> list[tuple[str, float]]:
    """CPU by stage for each of ``units``, largest first. ``rate`` in samples a second, ``cpu_s`` all that was spent.

    On a busy machine a thread holds the lock while another process runs; then the samples are scaled to the CPU.
    """
    locked_s = samples.total() / rate
    each = min(1.0, cpu_s / locked_s) / rate if locked_s else 0.0
    rows = [(name, count * each) for name, count in samples.items()]
    rows.append((UNLOCKED, max(0.0, cpu_s - locked_s)))
    return sorted(((name, round(seconds * 1e6 / units, 1)) for name, seconds in rows), key=lambda row: -row[1])
