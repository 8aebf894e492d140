"""One frame to many: a visitor's conversation is open a thousand times, and the agent writes."""

from __future__ import annotations

from collections.abc import Sequence

from tests.bench.aican.system import Aican
from tests.bench.children import Child
from tests.bench.errors import BenchError
from tests.bench.load.client import Client, welcomed
from tests.bench.load.loop import Loop
from tests.bench.load.texts import sized
from tests.bench.load.wire import Meaning
from tests.bench.measures.costs import Costs, Figures, Witness, steady
from tests.bench.measures.pairs import Window

FRAME_BYTES = 256
_PROBE_BYTES = 100
_ANSWER_S = 20.0


class Audience:
    """Everybody who follows one conversation, and the agent who writes in it."""

    def __init__(self, loop: Loop, aican: Aican, servers: Sequence[Child], followers: int) -> None:
        self.loop = loop
        self.broken: list[str] = []
        self.received = 0
        self.acknowledged = 0
        self.frame_bytes = 0
        self._text_bytes = _PROBE_BYTES
        self._wire = aican.wire
        (attendant,) = aican.attendants(1, servers[-1:])
        (seat,) = aican.crowd(1, servers[:1])
        self.followers = [Client(loop, aican.wire, seat, self._lost) for _ in range(followers)]
        self.agent = Client(loop, aican.wire, attendant.seat, self._lost)
        for client in self.followers:
            client.hears = self._follower_hears
        self.agent.hears = self._agent_hears

    def write(self) -> None:
        """The agent writes, and everybody has it. Raises BenchError when somebody has not within 20 s.

        From the second time on the frame has the size that is wanted: a message's number grows by a byte now and then.
        """
        received, acknowledged = self.received + len(self.followers), self.acknowledged + 1
        _, wire = self._wire.post(self.agent.seat, sized(self._text_bytes))
        self.agent.send(wire)
        done = self.loop.run(
            seconds=_ANSWER_S, until=lambda: self.received >= received and self.acknowledged >= acknowledged
        )
        if not done or self.received > received or self.broken:
            raise BenchError(f"{received - self.received} of {len(self.followers)} missed a message: {self.broken[:1]}")
        self._text_bytes += FRAME_BYTES - self.frame_bytes

    def _follower_hears(self, meaning: Meaning, payload: bytes) -> None:
        if meaning is Meaning.MESSAGE:
            self.received += 1
            self.frame_bytes = len(payload)

    def _agent_hears(self, meaning: Meaning, payload: bytes) -> None:
        if meaning is Meaning.ACKNOWLEDGED:
            self.acknowledged += 1
        elif meaning is Meaning.REFUSED:
            self.broken.append(f"refused: {payload[:100]!r}")

    def _lost(self, client: Client, reason: str) -> None:
        self.broken.append(reason)


def fanout(
    aican: Aican, servers: Sequence[Child], followers: int, window: Window, *, witness: Witness | None = None
) -> Figures:
    """Gateway CPU for each delivery of a 256-byte frame, all followers on the first gateway, the agent on the last."""
    loop = Loop()
    audience = Audience(loop, aican, servers, followers)
    welcomed(loop, [audience.agent, *audience.followers])
    audience.broken.clear()  # from now on none may break
    audience.write()
    costs = Costs(servers, aican.stores, witness)
    with steady():
        _write_for(audience, window.warm_s)
        before = audience.received
        costs.start()
        _write_for(audience, window.count_s)
        costs.stop()
    deliveries = audience.received - before
    for client in (audience.agent, *audience.followers):
        client.cut()
    return {
        "connections": followers,
        "frame_bytes": audience.frame_bytes,
        "deliveries": deliveries,
        "deliveries_per_s": round(deliveries / costs.seconds),
        "cpu_us_per_delivery": round(costs.spent["server_0"] * 1e6 / deliveries, 2),
        "cores": costs.cores(),
    }


def _write_for(audience: Audience, seconds: float) -> None:
    end = audience.loop.now() + seconds
    while audience.loop.now() < end:
        audience.write()
