"""The wire ``aican.v1`` and the facts on the bus: typed values, codec and session; no await, no I/O."""
