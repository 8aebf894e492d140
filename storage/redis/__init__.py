"""Redis, through redis-py and hiredis: the only place that imports them."""

from storage.redis.budgets import RedisBudgets
from storage.redis.bus import RedisBus
from storage.redis.client import connect
from storage.redis.marks import RedisMarkBoard
from storage.redis.numbers import RedisNumbers
from storage.redis.presence import RedisPresence
from storage.redis.sign_ins import RedisSignIns
from storage.redis.tickets import RedisTickets
from storage.redis.turn import Turn

__all__ = [
    "connect",
    "Turn",
    "RedisNumbers",
    "RedisBus",
    "RedisMarkBoard",
    "RedisPresence",
    "RedisSignIns",
    "RedisTickets",
    "RedisBudgets",
]
