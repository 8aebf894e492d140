"""What is played. Each row names what goes wrong; when, where and how hard is drawn from the seed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random
from typing import TypeAlias

from tests.chaos.cast import Crew
from tests.chaos.failovers import AtEnds, Rewound, RewoundAtEnds
from tests.chaos.faults import (
    EVERYWHERE,
    AtOnce,
    ChildKilled,
    ClockStep,
    Crowd,
    Cut,
    FailedOver,
    Fault,
    Frozen,
    HalfOpen,
    Killed,
    KilledAndEmptied,
    Nothing,
    NumbersWasted,
    RedisClockStep,
    Stopped,
    Told,
    Windy,
)
from tests.chaos.weather import Weather
from tests.chaos.world import Shape

Draw: TypeAlias = Callable[[Random, int], Fault]
"""Draws a fault; the number is how many gateways there are."""
Sky: TypeAlias = Callable[[Random], Weather]

PAUSE_S = (0.3, 1.5)
"""Between two faults."""
BRIEF_S = (0.5, 2.5)
"""How long a fault lasts that is over before anybody gives up."""
LONG_S = (3.0, 6.0)
"""Longer than every deadline of a store's client, and than a heartbeat may be late."""

MUTE_S = (5.5, 6.5)
"""Long enough to see that it is noticed, noise included."""


@dataclass(frozen=True, slots=True)
class Step:
    """A fault, and how long after the one before it."""

    after_s: float
    fault: Fault


CALM = Step(2.0, Nothing())
"""In the place of faults where there are none."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """``times`` faults, one after the other, each drawn by one of ``draws`` in turn, shuffled."""

    name: str
    draws: tuple[Draw, ...]
    times: int = 4
    to_the_end: bool = False
    """Everybody falls silent within the last fault: no later message tells that one is missing."""
    crew: Crew = field(default_factory=Crew)
    shape: Shape = field(default_factory=Shape)

    def schedule(self, seed: int, gateways: int) -> list[Step]:
        """What happens with this seed. Nothing else is drawn while it happens."""
        random = Random(f"{self.name}/{seed}/schedule")
        draws = random.sample(self.draws, len(self.draws))  # of more than are played, any may be
        order = [draws[index % len(draws)] for index in range(self.times)]
        random.shuffle(order)
        return [Step(random.uniform(*PAUSE_S), draw(random, gateways)) for draw in order]


# --- weather --------------------------------------------------------------------------------------------------------


def late(random: Random) -> Weather:
    return Weather(latency_s=random.uniform(0.01, 0.08), jitter_s=random.uniform(0.01, 0.15))


def sliced(random: Random) -> Weather:
    return Weather(piece=random.randint(4, 40))


def slow(random: Random) -> Weather:
    return Weather(bytes_per_s=random.uniform(10_000, 50_000))


def stalled(random: Random) -> Weather:
    return Weather(stalled=True, share=random.choice((0.5, 1.0)))


def black_hole(random: Random) -> Weather:
    return Weather(swallowing=True, share=random.choice((0.5, 1.0)))


def refusing(_: Random) -> Weather:
    return Weather(refusing=True)


def mute(_: Random) -> Weather:
    return Weather(mute=True)


def slow_readers(random: Random) -> Weather:
    return Weather(bytes_per_s=random.uniform(2_000, 8_000), share=0.4)


# --- faults ---------------------------------------------------------------------------------------------------------


def somewhere(random: Random, gateways: int) -> int:
    """One gateway, or every one."""
    return random.randrange(gateways) if random.random() < 0.7 else EVERYWHERE


def windy(link: str, sky: Sky, lasts_s: tuple[float, float] = BRIEF_S) -> Draw:
    return lambda random, gateways: Windy(link, somewhere(random, gateways), sky(random), random.uniform(*lasts_s))


def cut(link: str) -> Draw:
    return lambda random, gateways: Cut(link, somewhere(random, gateways))


def half_open(link: str) -> Draw:
    return lambda random, gateways: HalfOpen(link, somewhere(random, gateways))


def killed(what: str, lasts_s: tuple[float, float] = (0.0, 1.5)) -> Draw:
    return lambda random, gateways: Killed(what, random.randrange(gateways), random.uniform(*lasts_s))


def all_killed(what: str) -> Draw:
    return lambda random, _: Killed(what, EVERYWHERE, random.uniform(0.0, 1.0))


def child_killed(random: Random, gateways: int) -> Fault:
    return ChildKilled(random.randrange(gateways), random.randrange(1_000))


def failed_over(random: Random, _: int) -> Fault:
    return FailedOver(random.uniform(0.5, 2.0))


def stopped(what: str, lasts_s: tuple[float, float] = (0.0, 1.5)) -> Draw:
    return lambda random, _: Stopped(what, EVERYWHERE, random.uniform(*lasts_s))


def frozen(what: str, lasts_s: tuple[float, float] = LONG_S) -> Draw:
    return lambda random, gateways: Frozen(what, random.randrange(gateways), random.uniform(*lasts_s))


def told(command: str, afterwards: str = "", lasts_s: tuple[float, float] = (0.0, 0.0)) -> Draw:
    return lambda random, _: Told(command, random.uniform(*lasts_s), afterwards)


def paused(random: Random, _: int) -> Fault:
    lasts_s = random.uniform(0.5, 4.0)
    return Told(f"CLIENT PAUSE {lasts_s * 1000:.0f} {random.choice(('ALL', 'WRITE'))}", lasts_s)


def rewound(random: Random, _: int) -> Fault:
    return Rewound(random.uniform(0.5, 2.0))


def emptied(random: Random, _: int) -> Fault:
    return KilledAndEmptied(random.uniform(0.0, 1.5))


def wasted(random: Random, _: int) -> Fault:
    return NumbersWasted(random.randint(1, 4))


def gateways_clock(random: Random, gateways: int) -> Fault:
    return ClockStep(somewhere(random, gateways), random.choice((-1, 1)) * random.randint(1_000, 900_000), 2.0)


def redis_clock(random: Random, _: int) -> Fault:
    return RedisClockStep(random.choice((-1, 1)) * random.randint(1_000, 900_000), random.uniform(*BRIEF_S))


def crowd(random: Random, _: int) -> Fault:
    return Crowd(random.uniform(0.3, 1.0))


def at_ends(draw: Draw, times: int) -> Draw:
    return lambda random, gateways: AtEnds(times, 1.0, draw(random, gateways))


def rewound_at_ends(random: Random, _: int) -> Fault:
    return RewoundAtEnds(8, 1.0)


def at_once(*draws: Draw) -> Draw:
    return lambda random, gateways: AtOnce(tuple(draw(random, gateways) for draw in draws))


PUBSUB_KILLED = told("CLIENT KILL TYPE pubsub")
CLIENTS_KILLED = told("CLIENT KILL TYPE normal")
FLUSHED = told("FLUSHALL")
SCRIPTS_FORGOTTEN = told("SCRIPT FLUSH")
FULL = told("CONFIG SET maxmemory 1", "CONFIG SET maxmemory 0", BRIEF_S)
READ_ONLY = told("REPLICAOF 127.0.0.1 1", "REPLICAOF NO ONE", BRIEF_S)

MUTE_AND_FLUSHED = at_once(windy("redis", mute, MUTE_S), at_ends(FLUSHED, 8))
"""Redis forgets an end that a gateway with people in the conversation has not heard of."""
MUTE_AND_REWOUND = at_once(windy("redis", mute, MUTE_S), rewound_at_ends)

EVERYTHING: tuple[Draw, ...] = (
    *[windy(link, sky) for link in ("redis", "mongodb", "front") for sky in (late, slow, stalled, black_hole)],
    *[draw(link) for link in ("redis", "mongodb", "front", "balancer") for draw in (cut, half_open)],
    *[draw(what) for what in ("gateway", "redis", "mongodb") for draw in (killed, frozen)],
    *(PUBSUB_KILLED, CLIENTS_KILLED, FLUSHED, SCRIPTS_FORGOTTEN, FULL, READ_ONLY, windy("redis", mute, LONG_S)),
    *(paused, rewound, emptied, wasted, gateways_clock, redis_clock, crowd, stopped("gateway")),
)

# --- the table ------------------------------------------------------------------------------------------------------

WHEREVER = {"redis": "Redis link", "mongodb": "MongoDB link", "front": "front"}
READERS = Crew(longest=4_000, pause_s=0.02)
CRASHING = Crew(vanishing=True)
CHANGING = Crew(late=3, ending=True)
PAIR = Shape(gateways=2, processes=2)
WIDGETS = Crew(talks=6, widgets=3)
LEISURELY = Crew(talks=12, late=3, ending=True, pause_s=0.2)
"""Some say nothing between an end and what strikes right after it: a refusal would have told them."""

SCENARIOS: list[Scenario] = [
    Scenario("calm", (), times=0),
    *[
        Scenario(f"{name}: {words}", (draw,), crew=crew)
        for link, name in WHEREVER.items()
        for words, draw, crew in (
            ("latency", windy(link, late, LONG_S), Crew()),
            ("slices", windy(link, sliced), Crew()),
            ("narrow", windy(link, slow, LONG_S), Crew()),
            ("stalls", windy(link, stalled), Crew()),
            ("long stalls", windy(link, stalled, LONG_S), Crew()),
            ("resets", cut(link), Crew()),
            ("half-open", half_open(link), Crew()),
            ("black hole", windy(link, black_hole, LONG_S), Crew()),
            ("refused", windy(link, refusing), Crew()),
        )
    ],
    Scenario("Redis link: mute", (windy("redis", mute, MUTE_S),)),
    Scenario("Redis link: mute to the end", (windy("redis", mute, MUTE_S),), times=2, to_the_end=True),
    Scenario("Redis link: half-open to the end", (half_open("redis"),), times=2, to_the_end=True),
    Scenario("Redis link: mute and flushed", (at_once(windy("redis", mute, MUTE_S), FLUSHED),)),
    Scenario("Redis link: mute, and flushed while conversations end", (MUTE_AND_FLUSHED,), crew=LEISURELY),
    Scenario("Redis link: mute, and rewound while conversations end", (MUTE_AND_REWOUND,), crew=LEISURELY),
    Scenario("front: slow readers", (windy("front", slow_readers, LONG_S),), crew=READERS),
    Scenario("front: stalled readers", (windy("front", stalled, LONG_S),), crew=READERS),
    Scenario("balancer: resets", (cut("balancer"),), times=8),
    Scenario("gateway: killed", (killed("gateway"),)),
    Scenario("gateway: all killed", (all_killed("gateway"),), times=3),
    Scenario("gateway: killed while tabs crash", (killed("gateway"),), crew=CRASHING),
    Scenario("gateway: replaced one after the other", (stopped("gateway", (0.0, 0.2)),), times=1),
    Scenario("gateway: replaced while conversations end", (stopped("gateway", (0.0, 0.2)),), times=1, crew=CHANGING),
    Scenario("gateway: frozen", (frozen("gateway"),)),
    Scenario("gateway: frozen while tabs crash", (frozen("gateway", BRIEF_S),), times=6, crew=CRASHING),
    Scenario("gateway: the only one is killed", (killed("gateway"),), shape=Shape(gateways=1)),
    Scenario("Redis: killed", (killed("redis"),)),
    Scenario("Redis: killed and emptied", (emptied,)),
    Scenario("Redis: stopped", (stopped("redis"),)),
    Scenario("Redis: frozen", (frozen("redis"),)),
    Scenario("Redis: flushed", (FLUSHED,), times=8),
    Scenario("Redis: flushed while tabs crash", (FLUSHED,), times=8, crew=CRASHING),
    Scenario("Redis: flushed while conversations end", (FLUSHED,), times=8, crew=CHANGING),
    Scenario("Redis: rewound", (rewound,)),
    Scenario("Redis: rewound while tabs crash", (rewound,), crew=CRASHING),
    Scenario("Redis: subscribers killed", (PUBSUB_KILLED,), times=10),
    Scenario("Redis: subscribers killed to the end", (PUBSUB_KILLED,), times=5, to_the_end=True),
    Scenario("Redis: clients killed", (CLIENTS_KILLED,), times=10),
    Scenario("Redis: paused", (paused,)),
    Scenario("Redis: numbers that nobody stored", (wasted,), times=8),
    Scenario("Redis: numbers that nobody stored, and flushed", (wasted, FLUSHED), times=10),
    Scenario("Redis: scripts forgotten", (SCRIPTS_FORGOTTEN,), times=8),
    Scenario("Redis: full", (FULL,)),
    Scenario("Redis: read-only", (READ_ONLY,)),
    Scenario("MongoDB: killed", (killed("mongodb"),)),
    Scenario("MongoDB: stopped for 10 s", (stopped("mongodb", (10.0, 10.0)),), times=1),
    Scenario("MongoDB: frozen", (frozen("mongodb"),)),
    Scenario("MongoDB: killed while tabs crash", (killed("mongodb"),), crew=CRASHING),
    Scenario("MongoDB: killed while conversations end", (killed("mongodb"),), crew=CHANGING),
    Scenario("both stores: killed at once", (at_once(killed("redis"), killed("mongodb")),), times=3),
    Scenario("both stores: Redis emptied, MongoDB killed", (at_once(emptied, killed("mongodb")),), times=3),
    Scenario("everything: killed at once", (at_once(*map(all_killed, ("redis", "mongodb", "gateway"))),), times=2),
    Scenario("clocks: gateways' jump", (gateways_clock,), times=6),
    Scenario("clocks: Redis' jumps", (redis_clock,), times=6),
    Scenario("clocks: all jump while conversations end", (gateways_clock, redis_clock), times=6, crew=CHANGING),
    Scenario("processes: two on one port", (), times=0, shape=PAIR),
    Scenario("processes: one of two is killed", (child_killed,), shape=PAIR),
    Scenario("processes: both replaced", (stopped("gateway", (0.0, 0.2)),), times=1, shape=PAIR),
    Scenario("processes: killed with their parent", (killed("gateway", (0.5, 1.5)),), times=2, shape=PAIR),
    Scenario("Redis Cluster: calm", (), times=0, shape=Shape(redis="cluster")),
    Scenario("Redis Cluster: masters killed", (failed_over,), times=2, shape=Shape(redis="cluster")),
    Scenario("Redis Cluster: gateways killed", (killed("gateway"), cut("front")), shape=Shape(redis="cluster")),
    Scenario("Redis with a Sentinel: masters killed", (failed_over,), times=2, shape=Shape(redis="sentinel")),
    Scenario("web and jobs: killed", (killed("web"), killed("jobs")), times=6, shape=Shape(has_all=True)),
    Scenario("widget: calm", (), times=0, crew=WIDGETS),
    Scenario("widget: half-open", (half_open("front"),), crew=WIDGETS),
    Scenario("widget: lines lost", (cut("front"), half_open("front"), windy("front", refusing)), times=6, crew=WIDGETS),
    Scenario("widget: tabs crash", (crowd, cut("front")), crew=replace(WIDGETS, vanishing=True)),
    Scenario(
        "widget: gateways and stores killed", tuple(map(killed, ("gateway", "redis", "mongodb"))), 6, crew=WIDGETS
    ),
    Scenario("people: tabs crash", (crowd,), crew=CRASHING),
    Scenario("people: conversations begin and end", (PUBSUB_KILLED, cut("front")), times=8, crew=CHANGING),
    Scenario("real pace: half-open", (half_open("front"), half_open("redis")), times=2, shape=Shape(pace="real")),
    *[
        Scenario(f"storm {number}", EVERYTHING, times=10, crew=crew, shape=Shape(gateways=gateways))
        for number, (gateways, crew) in enumerate(
            (
                (3, Crew()),
                (3, CRASHING),
                (3, CHANGING),
                (2, Crew(vanishing=True, ending=True, late=2)),
                (4, Crew(talks=12, late=4)),
            ),
            start=1,
        )
    ],
]
