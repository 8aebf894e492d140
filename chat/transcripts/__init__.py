"""Conversations on their way out: opened, named and written, in order and in constant memory."""
