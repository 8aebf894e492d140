"""The rules of a live chat, the ports they stand on, and the wire. No driver, no server, no settings."""
