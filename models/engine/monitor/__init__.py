"""Vectorised monitor cores."""
