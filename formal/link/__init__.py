"""Properties of the link cores."""
