"""Vectorised fabric."""
