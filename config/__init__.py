"""Typed settings, local services, and what deployment needs."""
