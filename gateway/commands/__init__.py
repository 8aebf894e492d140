"""What ``aican NAME`` runs: one module a command, each with a click command or group named ``command``."""
