"""Vectorised bus cores."""
