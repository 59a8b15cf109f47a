"""Properties of the fabric cores."""
