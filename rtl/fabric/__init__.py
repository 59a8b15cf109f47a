"""Cores that make networks out of neurons: the tile."""
