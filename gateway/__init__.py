"""The network edge: sockets, pages, jobs and commands, and the composition root that wires them."""
