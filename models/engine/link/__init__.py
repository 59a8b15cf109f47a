"""Vectorised link cores."""
