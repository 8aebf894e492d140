"""Conversations: who may do what in them, how they begin, are claimed and end, and how they look."""
