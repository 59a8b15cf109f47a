"""Vectorised cores that carry events."""
