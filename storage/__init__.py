"""The database edge: an adapter for every port, in a folder for each technology, and what they share."""
