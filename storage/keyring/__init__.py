"""The key ring: the port ``KeyRing`` over a file. A key management service would stand beside it."""
