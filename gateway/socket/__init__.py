"""The WebSocket gateway: connections, the parties at their ends, and the feeds that both sides follow."""
