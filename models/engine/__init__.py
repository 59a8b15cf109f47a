"""The golden engine: every core again, in vectorised NumPy, written from its equation and not from its
reference.
"""
