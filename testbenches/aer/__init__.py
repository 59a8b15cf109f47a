"""Benches of the cores that carry events."""
