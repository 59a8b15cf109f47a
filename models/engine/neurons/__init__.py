"""Vectorised neurons."""
