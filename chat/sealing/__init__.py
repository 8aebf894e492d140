"""From plaintext to sealed and back: the envelope, the hierarchy of keys, and what is bound to what."""
