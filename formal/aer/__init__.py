"""Properties of the cores that carry events."""
