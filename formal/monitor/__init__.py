"""Properties of the monitor cores."""
