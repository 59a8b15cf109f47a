"""Cores that carry events: address-event representation (AER)."""
