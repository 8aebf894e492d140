"""Wall clocks that a run can move. A gateway reads its offset from a file that both processes map into memory."""

from __future__ import annotations

import mmap
import struct
from pathlib import Path

_OFFSET = struct.Struct("<q")

REDIS_OFFSET_KEY = "chaos:clock"
"""Microseconds that are added to what Redis calls the time, in the scripts that ask for it."""
REDIS_CLOCK = f"""
local function now_us()
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000000 + tonumber(time[2]) + tonumber(redis.call('GET', '{REDIS_OFFSET_KEY}') or 0)
end
"""
"""Takes the place of ``storage/redis/lua/clock.lua``."""


class ClockOffset:
    """Milliseconds that a process adds to its wall clock."""

    def __init__(self, path: Path) -> None:
        self.path = path
        if not path.exists():
            path.write_bytes(_OFFSET.pack(0))
        with path.open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), _OFFSET.size)

    @property
    def ms(self) -> int:
        return int(_OFFSET.unpack_from(self._shared)[0])

    @ms.setter
    def ms(self, offset: int) -> None:
        _OFFSET.pack_into(self._shared, 0, offset)


def move_wall_clock(path: Path) -> None:
    """From now on this process's wall clock is off by what the file says at each moment."""
    from chat.clock import SystemClock

    offset, right = ClockOffset(path), SystemClock.now_ms

    def moved(self: SystemClock) -> int:
        return right(self) + offset.ms

    SystemClock.now_ms = moved  # type: ignore[method-assign]


def move_redis_clock() -> None:
    """Let the scripts ask for a time that can be moved. Call it before anything imports them."""
    from storage.redis import scripts

    right = scripts.lua

    def lua(name: str) -> str:
        return REDIS_CLOCK if name == "clock" else right(name)

    scripts.lua = lua
