"""Properties of the bus cores."""
