"""Visitors: the token that recognises them, and the device they come with."""
