"""What a network may do to the bytes that pass. Names follow Shopify's toxiproxy where it has one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Weather:
    """What holds for all that passes a proxy, for as long as it is set. The default is calm."""

    latency_s: float = 0.0
    """Each piece comes so much later; order is kept."""
    jitter_s: float = 0.0
    """And up to this much more, drawn for each piece."""
    bytes_per_s: float = 0.0
    """No more than this in each direction of a connection; 0: no limit."""
    piece: int = 0
    """Cut into pieces of 1 to this many bytes; 0: as they come."""
    stalled: bool = False
    """Nothing passes, nothing is lost: packets are sent again until they come through, as TCP does."""
    swallowing: bool = False
    """Everything is taken and nothing arrives, new connections too. What lost bytes so never comes back to life."""
    refusing: bool = False
    """No connection is open, and none can be opened."""
    mute: bool = False
    """Redis' pushes to subscribers are dropped; its answers pass. The subscriber looks alive and hears nothing."""
    share: float = 1.0
    """The part of the connections that has this weather."""


CALM = Weather()
