"""A message's way from admitted to stored and published."""
