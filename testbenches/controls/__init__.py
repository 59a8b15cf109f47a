"""Negative controls: one side of a comparison is corrupted, and the check must turn red."""
